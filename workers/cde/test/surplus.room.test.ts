import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(() => pay.stop());

const AMOUNT = 4_290;
const atTerminal = (handoff: string, terminal: string) =>
  pay.terminal(terminal).pay({ handoff, amount: AMOUNT, currency: "EUR", card: TEST_CARDS.mastercard });
const ask = async (handoff: string) =>
  (
    await pay.post<PaymentAnswer>("/v1/authorizations", handoff, {
      handoff,
      session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a",
      store: STORE,
      terminal: "T-1",
      amount_minor: AMOUNT,
      currency: "EUR",
      reference: null,
    })
  ).body;
const settle = async (verb: "capture" | "void", handoff: string) => {
  const { id } = await ask(handoff);
  const body = verb === "capture" ? { amount_minor: AMOUNT, currency: "EUR" } : { reason: "amount_mismatch" };
  return (await pay.post<PaymentAnswer>(`/v1/authorizations/${id}/${verb}`, `${handoff}:${verb}`, body)).body;
};
const states = async (handoff: string) => (await pay.books(handoff)).map(({ state }) => state).toSorted();
const voidsLogged = (handoff: string) =>
  pay.rows(`SELECT act, outcome FROM access_log WHERE object = '${handoff}' AND act = 'void_surplus'`);

describe("a second authorization of one hand-off", () => {
  it.each(["capture", "void"] as const)(
    "that comes after the %s of the first is found and given back",
    async (verb) => {
      const handoff: string = crypto.randomUUID();
      await atTerminal(handoff, "T-1");
      const settled = await settle(verb, handoff);
      await atTerminal(handoff, "T-2");
      const asked = await ask(handoff);
      expect(asked).toEqual(settled);
      expect(await states(handoff)).toEqual(verb === "capture" ? ["captured", "voided"] : ["voided", "voided"]);
      expect(await voidsLogged(handoff)).toEqual([{ act: "void_surplus", outcome: "granted" }]);
    },
  );

  it("is open while the processor does not answer whether there is one", async () => {
    const handoff: string = crypto.randomUUID();
    await atTerminal(handoff, "T-1");
    await settle("capture", handoff);
    await atTerminal(handoff, "T-2");
    await pay.arm(handoff, "status", "lose_answer");
    expect(await ask(handoff)).toMatchObject({ state: "captured", surplus: "open" });
    expect(await states(handoff)).toEqual(["authorized", "captured"]);
    expect((await ask(handoff)).surplus).toBeUndefined();
    expect(await states(handoff)).toEqual(["captured", "voided"]);
  });

  it("is open while the answer to its void is lost, and closed by the next asking, voided once", async () => {
    const handoff: string = crypto.randomUUID();
    await atTerminal(handoff, "T-1");
    await atTerminal(handoff, "T-2");
    await pay.arm(handoff, "void", "lose_answer");
    expect(await ask(handoff)).toMatchObject({ state: "approved", terminal: "T-1", surplus: "open" });
    expect((await ask(handoff)).surplus).toBeUndefined();
    expect(await states(handoff)).toEqual(["authorized", "voided"]);
    expect(await voidsLogged(handoff)).toHaveLength(1);
  });
});
