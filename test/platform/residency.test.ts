import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Member } from "../../protocol/rooms/identity.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { SecureElement } from "../../tools/cart/secure-element.ts";
import { Person } from "../../tools/person/client.ts";
import { cellState } from "../../tools/platform/state.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { shop, type Identify } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { taken } from "./till.ts";
import { findTraces } from "./traces.ts";

const TRIPS = 50;
const CARTS = 4;
const WAYS: readonly Identify[] = ["loyalty", "app", "card"];

/** EU customers whose every word is found nowhere else. */
const PEOPLE = Array.from({ length: 6 }, (_, i) => ({
  loyalty: withCheckDigit(`98277610${1000 + i}`),
  email: `residency-probe-${i}@example.org`,
  name: `Residency Probe Nr ${i}`,
  phone: `+493055507${100 + i}`,
  nickname: `Probenick-${i}`,
}));
/** The same for those who have an account, one for each trip with the app; the loyalty number is added in the app. */
const HOLDERS = Array.from({ length: Math.ceil(TRIPS / WAYS.length) }, (_, i) => ({
  username: `residency-holder-${i}`,
  loyalty: withCheckDigit(`98277720${2000 + i}`),
  email: `residency-holder-${i}@example.org`,
  name: `Residency Holder Nr ${i}`,
  phone: `+494055508${200 + i}`,
  address: `Probeallee ${i}, 20095 Hamburg`,
  nickname: `Heldnick-${i}`,
}));
/**
 * What every one of these texts holds in common with others: finding none of it finds none of them. Digits are ten at
 * least: eight in a row turn up by chance among the hex digits and milliseconds of a store's own bookkeeping.
 */
const EMAILS = ["@example.org", "residency-probe-", "residency-holder-"];
const NAMES = ["Residency Probe", "Residency Holder", "Demo Shopper", "Probenick", "Heldnick", "Probeallee"];
const NUMBERS = ["9827761010", "9827772020", "9820000000", "+4930555", "+4940555"];
const STEMS = [...EMAILS, ...NAMES, ...NUMBERS];

let us: CellUnderTest;
let eu: CellUnderTest;
const persons: Person[] = [];

beforeAll(async () => {
  [us, eu] = await Promise.all([
    startCellUnderTest("us", { seed: { carts: 2 } }),
    startCellUnderTest("eu", { seed: { carts: CARTS } }),
  ]);
  const { staff } = await around(eu.place, 0, false);
  const members = PEOPLE satisfies Member[];
  expect(await staff.post("/admin/v1/members", { members })).toMatchObject({ added: PEOPLE.length, refused: [] });
  for (const { username, loyalty, email, name, phone, address, nickname } of HOLDERS) {
    const { api, issuer } = eu.place.origins;
    const person = new Person({ apiOrigin: api, issuerOrigin: issuer, username, email, name });
    await person.signIn();
    await person.patch({ phone, address, nickname });
    await person.addLoyaltyCard(loyalty);
    persons.push(person);
  }
});
afterAll(async () => {
  await us.end();
  await eu.end();
});

test("EU customers shop in the EU cell and are known there", async () => {
  const codes = [...sampleCatalogue("eu").keys()].filter((code) => /^\d{13}$/.test(code)).slice(0, 30);
  let next = 0;
  const results = await Promise.all(
    Array.from({ length: CARTS }, async (_, lane) => {
      const cart = await switchOn(eu.place, lane);
      const here = await around(eu.place, lane, false);
      const done: boolean[] = [];
      for (let turn = next++; turn < TRIPS; turn = next++) {
        const basket = [0, 1, 2].map((i) => codes[(turn * 3 + i) % codes.length] ?? "");
        const loyalty = PEOPLE[turn % PEOPLE.length]?.loyalty ?? "";
        const person = persons[Math.floor(turn / WAYS.length)] ?? null;
        const result = await shop(cart, basket, WAYS[turn % WAYS.length] ?? "loyalty", { ...here, loyalty, person });
        done.push(result.paid && result.linked);
      }
      return done;
    }),
  );
  expect(results.flat()).toEqual(Array.from({ length: TRIPS }, () => true));
  await expect(persons[0]?.me()).resolves.toMatchObject({ email: HOLDERS[0]?.email, phone: HOLDERS[0]?.phone });
});

describe("asked of the US cell, what is the EU's is nobody's", () => {
  test("a loyalty number answers as one that was never given out", async () => {
    const { cart, answers } = await usCart(0);
    const [member, holder] = [PEOPLE[0]?.loyalty ?? "", HOLDERS[0]?.loyalty ?? ""];
    const unknown = withCheckDigit("982779999990");
    for (const number of [unknown, member, holder, eu.store.loyaltyNumbers[0] ?? ""])
      expect(taken("identity", await cart.identify("loyalty", number)).status).toBe("not_linked");
    expect(answers).toHaveLength(4);
    expect(new Set(answers.map(comparable)).size).toBe(1);
    // The same cart does learn who its own cell's members are, so the answers above say something.
    expect(taken("identity", await cart.identify("loyalty", us.store.loyaltyNumbers[0] ?? "")).status).toBe("linked");
    expect(new Set(answers.map(comparable)).size).toBe(2);
    taken("close", await cart.close());
  });

  test("a pairing code answers as one that was never made", async () => {
    const { cart, answers } = await usCart(1);
    const theirs = await persons[0]?.pairingCode(eu.store.store);
    const code = theirs?.code ?? "";
    const unknown = `${code.slice(0, -1)}${code.endsWith("2") ? "3" : "2"}`;
    for (const each of [unknown, code])
      expect(taken("identity", await cart.identify("pairing", each)).status).toBe("not_linked");
    expect(new Set(answers.map(comparable)).size).toBe(1);
    expect(await persons[0]?.pairingState(code)).toMatchObject({ state: "open" });
    taken("close", await cart.close());
  });

  test("a card token answers as one that was never given", async () => {
    const { cart, answers } = await usCart(0);
    const { reader } = await around(eu.place, 0, false);
    const { token } = await reader.tap(TEST_CARDS.visa, eu.store.store);
    for (const each of ["A".repeat(24), token])
      expect(taken("identity", await cart.identify("card", each)).status).toBe("not_linked");
    expect(new Set(answers.map(comparable)).size).toBe(1);
    taken("close", await cart.close());
  });

  test("an account's access token is as invalid as one that somebody made up", async () => {
    const mine = await tokenOf(us, "us-account");
    const theirs = await tokenOf(eu, HOLDERS[0]?.username ?? "");
    const ask = (token: string) => call(us, "/v1/me", { headers: { authorization: `Bearer ${token}` } });
    expect((await ask(mine)).status).toBe(200);
    const refused = await ask(theirs);
    expect(refused.status).toBe(401);
    expect(await ask(await tokenOf(us, "us-account", "issuer"))).toEqual(refused);
    expect(await ask(await tokenOf(us, "us-account", "key"))).toEqual(refused);
    expect(await ask("made-up")).toEqual(refused);
  });

  test("a store and a receipt are as unknown as any", async () => {
    const authorization = `Bearer ${await tokenOf(us, "us-account")}`;
    const pair = (store: string) =>
      call(us, "/v1/pairing-codes", {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ store }),
      });
    expect((await pair(us.store.store)).status).toBe(201);
    expect(await pair(eu.store.store)).toEqual(await pair("zz-never-was"));

    const cart = await switchOn(eu.place, 0);
    const code = [...sampleCatalogue("eu").keys()][0] ?? "";
    const { receipt } = await shop(cart, [code], "none", await around(eu.place, 0, false));
    const reference = receipt?.reference ?? "";
    expect((await call(eu, `/r/${reference}`)).status).toBe(200);
    expect(await call(us, `/r/${reference}`)).toEqual(await call(us, `/r/${"A".repeat(22)}`));
  });

  test("a cart's frame is as wrong as a stranger's", async () => {
    const cart = await switchOn(eu.place, 1, { origin: us.place.origins.api });
    const { answers, recording } = recorder();
    const stranger = await switchOn(us.place, 1, {
      fetch: recording,
      element: await SecureElement.make(),
      certificate: new Uint8Array([1, 2, 3]),
    });
    const path = "/cart/v1/telemetry";
    await stranger.sendRaw(path, await stranger.sign(path, new Uint8Array([0xa0])));
    const body = await cart.sign(path, new Uint8Array([0xa0]));
    await recording(us.place.origins.api + path, { method: "POST", body, headers: COSE });
    expect(answers[0]?.status).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe("what EU customers are called and reached by", () => {
  test("would be found by the search in any of its forms", () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-traces-"));
    const text = PEOPLE[0]?.email ?? "";
    const inside = (before: string) => Buffer.from(`${before}${text}, and more`);
    const forms = [
      inside("x"),
      Buffer.from(inside("x").toString("utf8"), "utf16le"),
      Buffer.from(inside("x").toString("utf8"), "utf16le").swap16(),
      ...["", "x", "xy"].map((before) => Buffer.from(inside(before).toString("base64"))),
      Buffer.from(inside("x").toString("base64url")),
      Buffer.from(inside("x").toString("hex")),
    ];
    forms.forEach((bytes, i) => writeFileSync(join(folder, String(i)), bytes));
    const found = new Set(findTraces(folder, [text]).map(({ path }) => path));
    rmSync(folder, { recursive: true });
    expect(found.size).toBe(forms.length);
  });

  test("has a stem each that the search looks for", () => {
    const texts = [...PEOPLE, ...HOLDERS].flatMap((person) => Object.values(person));
    const ofEu = [...texts, ...eu.store.loyaltyNumbers];
    expect(ofEu.filter((text) => !STEMS.some((stem) => text.includes(stem)))).toEqual([]);
  });

  test("is nowhere in the US cell's state, and in no log or database of the EU's, while they run and after", async () => {
    const search = () => [us, eu].flatMap(({ cell, root }) => findTraces(cellState(cell, root), STEMS));
    // The same search does see what is there in plain, in either cell: the store's own name.
    expect(findTraces(cellState("eu", eu.root), ["Demo Markt GmbH"])).not.toEqual([]);
    expect(findTraces(cellState("us", us.root), ["Demo Market Inc."])).not.toEqual([]);
    expect(search()).toEqual([]);
    await Promise.all([us.stop(), eu.stop()]);
    expect(search()).toEqual([]);
  });
});

const COSE = { "content-type": 'application/cose; cose-type="cose-sign1"' };

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, statusText, headers } = response;
  const body = Buffer.from(await response.arrayBuffer()).toString("hex");
  return { status, statusText, headers: [...headers], body };
}

const comparable = (answer: Answer): string => JSON.stringify(answer);

async function call(cell: CellUnderTest, path: string, init: RequestInit = {}): Promise<Answer> {
  return answerOf(await fetch(cell.place.origins.api + path, init));
}

/** A fetch that keeps each whole answer: status, all headers, body. */
function recorder() {
  const answers: Answer[] = [];
  const recording = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    answers.push(await answerOf(response.clone()));
    return response;
  };
  return { answers, recording };
}

/** A cart of the US cell on a trip; the answers to what it asks from here on are kept whole. */
async function usCart(index: number): Promise<{ cart: CartClient; answers: Answer[] }> {
  const { answers, recording } = recorder();
  const cart = await switchOn(us.place, index, { fetch: recording });
  taken("attestation", await cart.attest((await around(us.place, index, false)).beacon));
  taken("open", await cart.open());
  answers.length = 0;
  return { cart, answers };
}

async function tokenOf(cell: CellUnderTest, username: string, wrong?: string): Promise<string> {
  const form = new URLSearchParams({ username, ...(wrong === undefined ? {} : { wrong }) });
  const response = await fetch(`${cell.place.origins.issuer}/token`, { method: "POST", body: form });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9). */
function withCheckDigit(digits: string): string {
  const sum = Array.from(digits.split("").toReversed(), (digit, i) => Number(digit) * (i % 2 === 0 ? 3 : 1));
  return `${digits}${(10 - (sum.reduce((all, each) => all + each, 0) % 10)) % 10}`;
}
