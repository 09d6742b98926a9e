import { generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FormToken, IdentifyResult, PaymentMethod } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import { cardReference, formToken, type StatementChange } from "./card-statements.ts";
import { type IdentityUnderTest, newTrip, numberOf, person, startIdentity, valueOf } from "./room.ts";

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.room.stop());

const add = (who: string, card: FormToken) =>
  identity.edge<Result<PaymentMethod, string>>("addPaymentMethod", person(who), card);
const list = async (who: string) =>
  valueOf(await identity.edge<Result<readonly PaymentMethod[], string>>("paymentMethods", person(who)));
const tap = (card: number, trip = newTrip()) =>
  identity.room.call<IdentifyResult>("ForPayments", "payments", "byCard", trip, cardReference(card));
const sessionOf = (who: string) => identity.edge("currentSession", person(who));

describe("a card that was added by the form", () => {
  test("is listed with what may be shown of it, and nothing else", async () => {
    const method = valueOf(await add("ada", await formToken(1)));
    expect(method).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      scheme: "visa",
      last4: "4242",
      expMonth: 12,
      expYear: 2034,
      added: expect.any(Number) as number,
    });
    expect(await list("ada")).toEqual([method]);
    expect(await list("stranger")).toEqual([]);
  });

  test("makes a tap of it at a cart its owner's trip", async () => {
    valueOf(await add("bea", await formToken(2)));
    valueOf(await identity.edge("correct", person("bea"), { nickname: "Bea" }));
    const trip = newTrip();
    expect(await tap(2, trip)).toMatchObject({ ok: true, value: { status: "linked", nickname: "Bea" } });
    expect(await sessionOf("bea")).toMatchObject({ ok: true, value: { session: trip.session } });
  });

  test("takes the place of the anonymous holder whose card was only tapped before", async () => {
    const before = newTrip();
    numberOf(await tap(3, before));
    const holders = async () => (await identity.rows("ENTITIES")).split('"card_holder"').length - 1;
    const anonymous = await holders();
    valueOf(await add("cai", await formToken(3)));
    expect(await holders()).toBe(anonymous - 1);
    const trip = newTrip();
    numberOf(await tap(3, trip));
    expect(await sessionOf("cai")).toMatchObject({ ok: true, value: { session: trip.session } });
  });

  test("keeps its id when it is added again, with its newer expiry", async () => {
    const first = valueOf(await add("dov", await formToken(4)));
    const again = valueOf(await add("dov", await formToken(4, { claims: { exp_year: 2036 } })));
    expect(again).toEqual({ ...first, expYear: 2036 });
    expect(await list("dov")).toEqual([again]);
  });

  test("is one card of one account, however many add it at once", async () => {
    const cards = await Promise.all(Array.from({ length: 6 }, () => formToken(5)));
    const answers = await Promise.all(cards.map((card, i) => add(i % 2 === 0 ? "eli" : "fay", card)));
    const lists = [await list("eli"), await list("fay")];
    expect(lists.flat()).toHaveLength(1);
    const winner = lists[0]?.length === 1 ? 0 : 1;
    for (const [i, answer] of answers.entries())
      if (i % 2 === winner) expect(answer.ok).toBe(true);
      else expect(answer).toEqual({ ok: false, reason: "taken" });
  });

  test("is a stranger's card again once it is removed, and can be added by another", async () => {
    const { id } = valueOf(await add("gus", await formToken(6)));
    expect(await add("hal", await formToken(6))).toEqual({ ok: false, reason: "taken" });
    expect(await identity.edge("removePaymentMethod", person("hal"), id)).toEqual({ ok: false, reason: "unknown" });
    expect(await identity.edge("removePaymentMethod", person("gus"), id)).toMatchObject({ ok: true });
    expect(await identity.edge("removePaymentMethod", person("gus"), id)).toEqual({ ok: false, reason: "unknown" });
    expect(await list("gus")).toEqual([]);
    numberOf(await tap(6));
    expect(await sessionOf("gus")).toEqual({ ok: true, value: null });
    expect((await add("hal", await formToken(6))).ok).toBe(true);
  });
});

describe("a statement", () => {
  const seconds = Math.floor(Date.now() / 1000);
  test.each<[string, StatementChange]>([
    ["for the other cell", { claims: { aud: "identity/us" } }],
    ["that has ended", { claims: { iat: seconds - 901, exp: seconds - 1 } }],
    ["of the future", { claims: { iat: seconds + 60 } }],
    ["of another token", { claims: { token_hash: cardReference(7) } }],
    ["without a reference", { claims: { reference: undefined } }],
    ["with more than four digits to show", { claims: { last4: "424242" } }],
    ["of another type that the same key signs", { typ: "cwf-ans+jws" }],
  ])("%s adds nothing", async (_what, change) => {
    expect(await add("ian", await formToken(7, change))).toEqual({ ok: false, reason: "invalid" });
    expect(await list("ian")).toEqual([]);
  });

  test("of another key, changed, unsigned or cut adds nothing, and is recorded without its content", async () => {
    const good = await formToken(8);
    const [header, payload, signature] = good.statement.split(".");
    const none = Buffer.from('{"alg":"none","typ":"cwf-card+jws"}').toString("base64url");
    const bad = [
      (await formToken(8, { key: (await generateKeyPair("ES256")).privateKey })).statement,
      `${header}.${Buffer.from(`${Buffer.from(payload ?? "", "base64url").toString()} `).toString("base64url")}.${signature}`,
      `${none}.${payload}.`,
      `${header}.${payload}`,
      "",
    ];
    for (const statement of bad)
      expect(await add("jon", { ...good, statement })).toEqual({ ok: false, reason: "invalid" });
    const acts = JSON.stringify(await identity.acts());
    expect(acts).toContain('"code":"signature"');
    expect(acts).not.toContain(good.token);
  });

  test("is for one token: another token with it is refused", async () => {
    const [one, two] = [await formToken(8), await formToken(8)];
    expect(await add("kim", { token: one.token, statement: two.statement })).toEqual({ ok: false, reason: "invalid" });
  });
});

test("without an audit entry nothing is added, listed, linked or removed", async () => {
  const { id } = valueOf(await add("lea", await formToken(9)));
  const before = [await identity.rows("ENTITIES"), await identity.rows("PERSONS")];
  const card = await formToken(8);
  for (const mode of ["refusing", "throwing"] as const) {
    await identity.audit(mode);
    const unavailable = { ok: false, reason: "unavailable" };
    expect(await add("lea", card)).toEqual(unavailable);
    expect(await add("lea", { ...card, statement: "a.b.c" })).toEqual(unavailable);
    expect(await identity.edge("paymentMethods", person("lea"))).toEqual(unavailable);
    expect(await identity.edge("removePaymentMethod", person("lea"), id)).toEqual(unavailable);
  }
  await identity.audit("up");
  expect([await identity.rows("ENTITIES"), await identity.rows("PERSONS")]).toEqual(before);
});

test("the databases hold no token, last four digits or reference in the clear, and share no index of a card", async () => {
  const card = await formToken(0);
  valueOf(await add("mia", card));
  const [entities, persons] = [await identity.rows("ENTITIES"), await identity.rows("PERSONS")];
  for (const secret of [card.token, '"4242"', "visa", cardReference(0)]) {
    expect(entities).not.toContain(secret);
    expect(persons).not.toContain(secret);
  }
  const indices = (text: string) => new Set(text.match(/[A-Za-z0-9_-]{43}/g));
  const shared = [...indices(persons)].filter((index) => indices(entities).has(index));
  expect(shared).toEqual([]);
});

test("a method moved to another person does not open", async () => {
  const { id } = valueOf(await add("ned", await formToken(1, { claims: { reference: "n".repeat(43) } })));
  await add("oda", await formToken(1, { claims: { reference: "o".repeat(43) } }));
  await identity.run(
    "PERSONS",
    "UPDATE payment_methods SET person = (SELECT person FROM payment_methods WHERE id <> ? ORDER BY added DESC LIMIT 1) WHERE id = ?",
    id,
    id,
  );
  expect(await identity.edge("paymentMethods", person("oda"))).toEqual({ ok: false, reason: "unavailable" });
});
