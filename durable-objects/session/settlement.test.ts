import { describe, expect, test } from "vitest";
import type { HandoffId, StoreId } from "../../protocol/ids.ts";
import type { PaymentAnswer } from "../../protocol/pay/contract.ts";
import { judge, type Expected } from "./settlement.ts";

const EXPECTED: Expected = {
  handoff: "h" as HandoffId,
  store: "eu-test" as StoreId,
  terminal: "T1",
  amount: { minor: 500, currency: "EUR" },
};
const APPROVED: PaymentAnswer = {
  id: "a",
  state: "approved",
  amount_minor: 500,
  currency: "EUR",
  terminal: "T1",
  store: "eu-test",
  handoff: "h",
  emv: null,
  processor_reference: "p",
};

describe("the three-way match", () => {
  test("approves what the processor authorized for this very hand-off", () => {
    expect(judge(EXPECTED, APPROVED)).toEqual({ verdict: "approved" });
  });

  test.each([
    [{ amount_minor: 499 }, "amount_mismatch"],
    [{ amount_minor: 501 }, "amount_mismatch"],
    [{ amount_minor: null }, "amount_mismatch"],
    [{ currency: "USD" as const }, "currency_mismatch"],
    [{ store: "eu-other" }, "store_mismatch"],
    [{ terminal: "T2" }, "terminal_mismatch"],
    [{ handoff: "other" }, "handoff_used"],
    [{ handoff: null }, "handoff_used"],
  ])("refuses %o", (over, why) => {
    expect(judge(EXPECTED, { ...APPROVED, ...over })).toEqual({ verdict: "mismatch", why });
  });

  test("no answer is unknown, never declined", () => {
    expect(judge(EXPECTED, null)).toEqual({ verdict: "unknown" });
    expect(judge(EXPECTED, { ...APPROVED, state: "unknown" })).toEqual({ verdict: "unknown" });
  });

  test("only the processor declines", () => {
    expect(judge(EXPECTED, { ...APPROVED, state: "declined" })).toEqual({ verdict: "declined" });
  });
});
