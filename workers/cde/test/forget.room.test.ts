import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ForgetAnswer, PaymentAnswer, RefundAnswer, TokenizeAnswer } from "../../../protocol/pay/contract.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(() => pay.stop());

const uuid = () => crypto.randomUUID() as string;
const forget = (tokens: readonly unknown[], request = uuid(), key: string | null = request) =>
  pay.post<ForgetAnswer>("/v1/tokens/forget", key, { request, tokens });
const count = async (from: string) => (await pay.rows(`SELECT count(*) AS n FROM ${from}`))[0]?.["n"];

describe("a person's erasure in the vault", () => {
  it("takes the token, the answer that gave it out and the card that nobody else needs, and says so again when asked again", async () => {
    const card = { pan: TEST_CARDS.mastercard.pan, exp: "12/34" };
    const key = uuid();
    const token = await pay.token(card, key);
    const before = { cards: await count("cards"), answers: await count("idempotency") };
    const request = uuid();
    const done = { tokens: 1, answers: 1, cards: 1, left: 0 };
    expect(await forget([token], request)).toEqual({ status: 200, body: done });
    expect(await count("tokens")).toBe(0);
    expect(await count("cards")).toBe(Number(before.cards) - 1);
    expect(await count("idempotency")).toBe(Number(before.answers) - 1);
    expect(await forget([token], request)).toEqual({ status: 200, body: done });
    expect(await forget([token])).toEqual({ status: 200, body: { tokens: 0, answers: 0, cards: 0, left: 0 } });
    // The same key no longer gives the old token out.
    const again = (await (await pay.tokenize(card, key)).json()) as TokenizeAnswer;
    expect(again.token).not.toBe(token);
    expect(await pay.rows("SELECT act, outcome FROM access_log WHERE act = 'forget'")).toHaveLength(1);
  });

  it("leaves a card that somebody else's token needs, and every other token", async () => {
    const card = { pan: TEST_CARDS.visa.pan, exp: "12/34" };
    const [mine, theirs] = [await pay.token(card), await pay.token(card)];
    expect((await forget([mine])).body).toEqual({ tokens: 1, answers: 1, cards: 0, left: 0 });
    expect((await pay.charge(uuid(), theirs)).body.state).toBe("approved");
    expect((await pay.charge(uuid(), mine)).status).toBe(404);
  });

  it("leaves a captured payment to be refunded, with no way from it to the token", async () => {
    const [handoff, token] = [uuid(), await pay.token({ pan: TEST_CARDS.jcb.pan, exp: "12/34" })];
    const { body } = await pay.charge(handoff, token);
    const amount = { amount_minor: 1_250, currency: "EUR" };
    await pay.post<PaymentAnswer>(`/v1/authorizations/${body.id}/capture`, `${handoff}:capture`, amount);
    expect((await forget([token])).body).toMatchObject({ tokens: 1, cards: 1, left: 0 });
    expect(await pay.rows(`SELECT token FROM authorizations WHERE handoff = '${handoff}'`)).toEqual([{ token: null }]);
    const refund = await pay.post<RefundAnswer>(`/v1/authorizations/${body.id}/refunds`, `${handoff}:refund`, amount);
    expect(refund.body).toMatchObject({ state: "refunded", amount_minor: 1_250 });
  });

  it("is not over while a stored answer that may hold the token does not open", async () => {
    const token = await pay.token({ pan: TEST_CARDS.discover.pan, exp: "12/34" });
    await pay.tamper("UPDATE idempotency SET answer = substr(answer, 1, length(answer) - 4) || 'AAAA'");
    expect((await pay.postSealed("/v1/tokens/forget", ...(await sealedForget(token)))).status).toBe(503);
    expect(await count("tokens WHERE expires IN (SELECT expires FROM idempotency)")).not.toBe(0);
  });

  it.each([
    ["no tokens", [], uuid()],
    ["more than one call may name", Array.from({ length: 51 }, () => "x".repeat(24)), uuid()],
    ["what is no token", ["4111111111111111"], uuid()],
    ["a request that is no id", ["x".repeat(24)], "me"],
  ])("is refused with %s", async (_, tokens, request) => {
    expect((await forget(tokens, request, uuid())).body.code).toBe("field");
  });

  it("is refused under another key than the request's", async () => {
    expect((await forget(["x".repeat(24)], uuid(), uuid())).body.code).toBe("idempotency_key");
    expect((await forget(["x".repeat(24)], uuid(), null)).body.code).toBe("idempotency_key");
  });
});

async function sealedForget(token: string): Promise<[key: string, sealed: string]> {
  const request = uuid();
  return [request, (await pay.seal("/v1/tokens/forget", request, { request, tokens: [token] })).sealed];
}
