import { describe, expect, it } from "vitest";
import { fail, ok } from "../../protocol/result.ts";
import { refundResult } from "./answer.ts";

const AMOUNT = { minor: 250, currency: "EUR" } as const;
const REFUND = { id: "r", authorization: "a", state: "refunded", amount_minor: 250, currency: "EUR" };
const of = (status: number, body: unknown) => refundResult(ok({ status, body }), "a", AMOUNT);

describe("the answer to a refund", () => {
  it("is the refund when the processor confirmed this amount of this authorization", () => {
    expect(of(200, REFUND)).toEqual(ok(REFUND));
  });

  it.each([
    ["no answer of the processor", { ...REFUND, state: "unknown" }],
    ["another authorization", { ...REFUND, authorization: "b" }],
    ["another amount", { ...REFUND, amount_minor: 251 }],
    ["another currency", { ...REFUND, currency: "USD" }],
    ["nothing", null],
  ])("is unavailable with %s: the same refund asks again", (_what, body) => {
    expect(of(200, body)).toEqual(fail("unavailable"));
  });

  it("is refused only when the CDE says so, and unavailable without its answer", () => {
    expect(of(409, { code: "amount" })).toEqual(fail("refused"));
    expect(refundResult(fail("unavailable"), "a", AMOUNT)).toEqual(fail("unavailable"));
  });
});
