import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HandoffId } from "../../protocol/ids.ts";
import { cellState } from "../../tools/platform/state.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { auditLog, scan } from "./attempts.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { RawCart, type Heard } from "./raw-cart.ts";
import { findCardNumbers } from "./traces.ts";

const CELL = "us";
const CODE = [...sampleCatalogue(CELL).keys()][0] ?? "";
const cardNumbers = Object.values(TEST_CARDS).map(({ pan }) => pan);

let platform: CellUnderTest;
beforeAll(async () => {
  platform = await startCellUnderTest(CELL, { seed: { carts: 1 } });
});
afterAll(() => platform.end());

const switchedOn = () => RawCart.switchedOn(platform.place, 0);

describe("a card number", () => {
  const GROUPINGS: readonly (readonly [string, (pan: string) => string])[] = [
    ["in one run", (pan) => pan],
    ["in fours", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1 ")],
    ["with hyphens", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1-")],
    ["with points", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1.")],
    ["as American Express prints it", (pan) => `${pan.slice(0, 4)} ${pan.slice(4, 10)} ${pan.slice(10)}`],
    ["in full-width digits", (pan) => pan.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ["in words", (pan) => `no ${pan}.`],
  ];
  const written = (limit: number) =>
    cardNumbers.flatMap((pan) =>
      GROUPINGS.filter(([name]) => !name.startsWith("as American") || pan.length === 15)
        .map(([, group]) => group(pan))
        .filter((text) => Buffer.byteLength(text) <= limit),
    );
  const inToken = cardNumbers.map((pan) => `${"Ab".repeat(6).slice(0, 24 - pan.length)}${pan}`);

  /** Fields with text, by how long they may be. */
  const FIELDS: readonly (readonly [
    field: string,
    texts: readonly string[],
    say: (cart: RawCart, text: string) => Promise<Heard>,
  ])[] = [
    ["a scanned code", written(100), (a, text) => a.say("events", scan(text))],
    ["a loyalty number", written(32), (a, text) => a.say("identity", { kind: "loyalty", value: text })],
    ["a card token", [...inToken, ...cardNumbers], (a, text) => a.say("identity", { kind: "card", value: text })],
    ["a pairing code", written(64), (a, text) => a.say("identity", { kind: "pairing", value: text })],
    ["a terminal id", written(32), (a, text) => a.say("checkout", { lastSeq: 0, terminal: text })],
    [
      "an authorization reference",
      written(64),
      (a, reference) =>
        a.say("payment", { handoff: crypto.randomUUID() as HandoffId, reference, basketDigest: new Uint8Array(32) }),
    ],
    ["a reader's serial", written(32), (a, reader) => a.say("open", { eat: a.claims({ reader }) }, { seq: 0 })],
    ["a firmware version", written(32), (a, version) => a.say("open", { eat: a.claims({ version }) }, { seq: 0 })],
    [
      "a reader's serial in an attestation",
      cardNumbers,
      async (a, reader) => {
        const eat = a.claims({ reader });
        return a.say("attestation", { eat, beacon: await a.here.beacon.state(eat.nonce) }, { seq: 0 });
      },
    ],
    [
      "a reader's serial in a question for firmware",
      cardNumbers,
      (a, reader) => a.say("firmware", { eat: a.claims({ reader }) }, { seq: 0 }),
    ],
    ["the cart's clock", safe(cardNumbers), (a, text) => a.say("events", scan(CODE), { time: Number(text) })],
    ["an event's time", safe(cardNumbers), (a, text) => a.say("events", scan(CODE, Number(text)))],
  ];

  test.each(FIELDS)("as %s is refused", async (field, texts, say) => {
    const a = await switchedOn();
    await a.open();
    expect(texts.length).toBeGreaterThan(0);
    const answers: [string, unknown][] = [];
    for (const text of texts) answers.push([text, (await say(a, text)).error?.code]);
    expect(answers.filter(([, code]) => code !== "pan_detected")).toEqual([]);
    // Nothing was taken: the first number of the session is still free.
    expect(await a.say("events", scan(CODE)), field).toMatchObject({ status: 200 });
  });

  test("in bytes that are no text is refused for what it pretends to be", async () => {
    const a = await switchedOn();
    await a.open();
    for (const pan of cardNumbers) {
      const basketDigest = new Uint8Array(Buffer.from(pan.padEnd(32, " ")));
      const payment = { handoff: crypto.randomUUID() as HandoffId, reference: "none", basketDigest };
      expect(await a.say("payment", payment)).toMatchObject({ error: { code: "state" } });
      const digest = new Uint8Array(Buffer.from(pan.padEnd(32, " ")));
      expect(await a.say("open", { eat: a.claims({ digest }) }, { seq: 0 })).toMatchObject({
        error: { code: "attestation" },
      });
    }
  });

  test("in the app API is refused in every field, name, path and query", async () => {
    const bearer = async (claims: Record<string, string> = {}) => {
      const form = new URLSearchParams({ username: "card-number-writer", ...claims });
      const response = await fetch(`${platform.place.origins.issuer}/token`, { method: "POST", body: form });
      return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
    };
    const authorization = await bearer();
    const told: string[] = [];
    const ask = async (method: string, path: string, body?: string, token = authorization) => {
      const response = await fetch(platform.place.origins.api + path, {
        method,
        headers: { authorization: token, "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      told.push(text);
      const code = text.startsWith("{") ? (JSON.parse(text) as { code?: string }).code : undefined;
      return `${method} ${response.status} ${code}`;
    };
    const expectRefused = async (method: string, path: string, body?: string, token?: string) =>
      expect(await ask(method, path, body, token), `${method} ${path}`).toBe(`${method} 422 pan_detected`);

    const [visa, amex, jcb] = [TEST_CARDS.visa.pan, "3782 822463 10005", TEST_CARDS.jcb.pan];
    for (const field of ["email", "name", "phone", "address", "nickname", "never-heard-of"])
      for (const value of [visa, amex, Number(jcb), [visa], { deep: { in: amex } }])
        await expectRefused("PATCH", "/v1/me", JSON.stringify({ [field]: value }));
    await expectRefused("PATCH", "/v1/me", JSON.stringify({ [visa]: "a name" }));
    await expectRefused("POST", "/v1/pairing-codes", JSON.stringify({ store: visa }));
    await expectRefused("POST", "/v1/pairing-codes", JSON.stringify({ store: "us-demo", note: amex }));
    for (const number of cardNumbers) await expectRefused("POST", "/v1/me/loyalty-cards", JSON.stringify({ number }));
    await expectRefused("POST", "/v1/me/loyalty-cards", JSON.stringify({ number: "9810000000017", card: visa }));
    await expectRefused("GET", `/v1/pairing-codes/${visa}`);
    await expectRefused("POST", `/v1/pairing-codes/${visa}/confirm`);
    await expectRefused("DELETE", `/v1/me/loyalty-cards/${visa}`);
    await expectRefused("GET", `/v1/me?card=${encodeURIComponent(amex)}`);
    await expectRefused("GET", `/r/${visa}`);
    await expectRefused("GET", `/nowhere/${visa}`);
    await expectRefused("GET", "/v1/me", undefined, await bearer({ name: amex }));
    expect(told.join("\n")).not.toMatch(/\d{12}/);
    const recorded = (await auditLog((await switchedOn()).here.staff)).filter(
      ({ detail }) => detail?.["code"] === "pan_detected",
    );
    expect(recorded.map(({ from }) => from).join("\n")).not.toMatch(/\d{12}/);
  });

  test("is nowhere in the cell's state or logs afterwards, however it is written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-cards-"));
    const [pan = ""] = cardNumbers;
    for (const [i, [, group]] of GROUPINGS.slice(0, 4).entries()) {
      writeFileSync(join(folder, `${i}`), `a ${group(pan)} b`);
      writeFileSync(join(folder, `${i}-wide`), Buffer.from(`a ${group(pan)} b`, "utf16le"));
    }
    expect(new Set(findCardNumbers(folder, [pan]).map(({ path }) => path)).size).toBe(8);
    rmSync(folder, { recursive: true });
    expect(findCardNumbers(cellState(CELL, platform.root), cardNumbers)).toEqual([]);
    await platform.stop();
    expect(findCardNumbers(cellState(CELL, platform.root), cardNumbers)).toEqual([]);
  });
});

/** Numbers that CBOR and JSON carry whole. */
function safe(numbers: readonly string[]): string[] {
  return numbers.filter((text) => Number.isSafeInteger(Number(text)));
}
