import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(async () => {
  await pay.stop();
});

const uuid = () => crypto.randomUUID() as string;
const card = { pan: TEST_CARDS.visa.pan, exp: "12/34" };

describe("a charge to a card on file", () => {
  it("is authorized and captured like any other, with the card's number at the processor alone", async () => {
    const [handoff, token] = [uuid(), await pay.token(card)];
    const { status, body } = await pay.charge(handoff, token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "approved", amount_minor: 1_250, currency: "EUR", handoff, emv: null });
    expect(JSON.stringify(body)).not.toContain(token);
    const captured = await pay.post<PaymentAnswer>(`/v1/authorizations/${body.id}/capture`, `${handoff}:capture`, {
      amount_minor: 1_250,
      currency: "EUR",
    });
    expect(captured.body.state).toBe("captured");
    expect(await pay.books(handoff)).toMatchObject([{ state: "captured", captured_minor: 1_250 }]);
  });

  it("is one payment however often and however concurrently it is asked", async () => {
    const [handoff, token] = [uuid(), await pay.token(card)];
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay.charge(handoff, token)));
    expect(new Set(answers.map((each) => each.body.id)).size).toBe(1);
    expect((await pay.charge(handoff, token)).body.state).toBe("approved");
    expect(await pay.books(handoff)).toHaveLength(1);
  });

  it("refuses the hand-off with another token, another amount, or none", async () => {
    const [handoff, token] = [uuid(), await pay.token(card)];
    await pay.charge(handoff, token);
    const code = "idempotency_mismatch";
    expect((await pay.charge(handoff, await pay.token(card))).body.code).toBe(code);
    expect((await pay.charge(handoff, token, { amount_minor: 1 })).body.code).toBe(code);
    expect((await pay.charge(handoff, token, { token: undefined })).body.code).toBe(code);
  });

  it("is declined when the processor declines it, and when it refuses the call", async () => {
    const [declined, token] = [uuid(), await pay.token(card)];
    await pay.arm(declined, "payment", "decline");
    expect((await pay.charge(declined, token)).body.state).toBe("declined");
    expect((await pay.charge(declined, token)).body.state).toBe("declined");
    const refused = uuid();
    // The processor takes no underscore in a terminal's name.
    expect((await pay.charge(refused, token, { terminal: "on_line" })).body.state).toBe("declined");
    expect(await pay.books(refused)).toEqual([]);
  });

  it.each(["lose_answer", "time_out"])("is charged once when the processor's answer is %s", async (behaviour) => {
    const [handoff, token] = [uuid(), await pay.token(card)];
    await pay.arm(handoff, "payment", behaviour);
    const first = await pay.charge(handoff, token);
    expect(["unknown", "pending", "approved"]).toContain(first.body.state);
    expect((await pay.charge(handoff, token)).body).toMatchObject({ id: first.body.id, state: "approved" });
    expect(await pay.books(handoff)).toHaveLength(1);
  });

  it("is carried on when the token has expired meanwhile, but no longer charged anew", async () => {
    const [approved, silent, token] = [uuid(), uuid(), await pay.token(card)];
    await pay.charge(approved, token);
    await pay.arm(silent, "payment", "time_out");
    await pay.charge(silent, token);
    await pay.tamper("UPDATE tokens SET expires = 1");
    expect((await pay.charge(approved, token)).body.state).toBe("approved");
    expect((await pay.charge(silent, token)).body.state).toBe("pending");
    expect(await pay.books(silent)).toEqual([]);
  });
});

describe("the scope of a token", () => {
  it("refuses with the same bytes whatever part of it is wrong, and charges nothing", async () => {
    const account = "account-of-a-test";
    const tokenOf = (scope: object) => pay.token({ ...card, ...scope });
    const expired = await tokenOf({});
    await pay.tamper("UPDATE tokens SET expires = 1");
    const cardOver = await tokenOf({});
    await pay.tamper("UPDATE tokens SET exp_year = 2020 WHERE expires > 1");
    const elsewhere = await tokenOf({});
    await pay.tamper("UPDATE tokens SET cell = 'us' WHERE expires > 1 AND exp_year > 2020");
    const otherStore = await tokenOf({});
    await pay.tamper("UPDATE tokens SET store = 'eu-other' WHERE expires > 1 AND exp_year > 2020 AND cell = 'eu'");
    const [mine, limited] = [await tokenOf({ account }), await tokenOf({ ceiling_minor: 1_249, currency: "EUR" })];
    const handoffs: string[] = [];
    const outside = async (token: string, change: object = {}) => {
      const handoff = uuid();
      handoffs.push(handoff);
      return JSON.stringify(await pay.charge(handoff, token, change));
    };
    const refusals = [
      await outside("A".repeat(24)),
      await outside("not a token"),
      await outside(expired),
      await outside(cardOver),
      await outside(elsewhere),
      await outside(otherStore),
      await outside(await pay.token({ ...card, store: STORE })),
      await outside(mine),
      await outside(mine, { account: "account-of-another" }),
      await outside(mine, { account: "?" }),
      await outside(await tokenOf({}), { account }),
      await outside(limited),
      await outside(limited, { amount_minor: 1_249, currency: "USD" }),
    ];
    expect(new Set(refusals).size).toBe(1);
    expect(JSON.parse(refusals[0] ?? "")).toMatchObject({ status: 404, body: { code: "not_found" } });
    for (const handoff of handoffs) expect(await pay.books(handoff)).toEqual([]);
    const logged = await pay.rows("SELECT object FROM access_log WHERE act = 'authorize' AND outcome = 'refused'");
    expect(logged.map((row) => row["object"])).toEqual(handoffs.filter((_, i) => i !== 1));
  });

  it("lets the token's own account pay", async () => {
    const account = uuid();
    const token = await pay.token({ ...card, account });
    expect((await pay.charge(uuid(), token, { account })).body.state).toBe("approved");
    expect(JSON.stringify(await pay.rows("SELECT * FROM tokens"))).not.toContain(account);
  });

  it("holds all payments of a token together to its ceiling, even all at once", async () => {
    const token = await pay.token({ ...card, ceiling_minor: 3_000, currency: "EUR" });
    const handoffs = Array.from({ length: 5 }, uuid);
    const answers = await Promise.all(handoffs.map((handoff) => pay.charge(handoff, token)));
    expect(answers.map((each) => each.status).sort((x, y) => x - y)).toEqual([200, 200, 404, 404, 404]);
    const paid = answers.find((each) => each.status === 200)?.body;
    await pay.post(`/v1/authorizations/${paid?.id}/void`, `${paid?.handoff}:void`, { reason: "amount_mismatch" });
    expect((await pay.charge(uuid(), token)).status).toBe(200);
    expect((await pay.charge(uuid(), token)).status).toBe(404);
  });

  it.each([
    ["a ceiling without its currency", { ceiling_minor: 100 }],
    ["a currency without a ceiling", { currency: "EUR" }],
    ["a ceiling of nothing", { ceiling_minor: 0, currency: "EUR" }],
    ["a ceiling that is no whole number", { ceiling_minor: 1.5, currency: "EUR" }],
    ["an account of another form", { account: "me" }],
    ["an account on a token that identifies", { account: "account-of-a-test", store: STORE }],
  ])("is refused with %s", async (_what, scope) => {
    const response = await pay.tokenize({ ...card, ...scope }, uuid());
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "scope" });
  });
});
