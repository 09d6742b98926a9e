import { describe, expect, test } from "vitest";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import { planCrashes, planTrips, TILLS } from "./plan.ts";
import { percentile, reconcile, type Account } from "./reconcile.ts";
import type { Attempt } from "./till.ts";
import type { BookedPayment } from "./world.ts";

const captured: BookedPayment = {
  reference: "p",
  state: "captured",
  terminal: "T1",
  captures: 1,
  captured_minor: 500,
  refunded_minor: 0,
};
const attempt: Attempt = {
  handoff: "h",
  outcome: "paid",
  receipt: "r",
  totalMinor: 500,
  seconds: 1,
  wasUnknown: false,
};
const [plan] = planTrips(1, 1);
const view = { session: "s", plan: plan as NonNullable<typeof plan>, attempts: [attempt], problem: null };
const right: Account = { view, payments: [captured], receipt: { totalMinor: 500 } as Receipt, posMinor: 500 };
const found = (change: Partial<Account>) => reconcile([{ ...right, ...change }]);

describe("the reconciliation", () => {
  test("finds nothing where processor, POS, receipt and cart agree", () => {
    expect(found({})).toEqual({ doubleCharges: [], lostCharges: [], held: [], uncertain: [] });
    const left = { ...view, attempts: [{ ...attempt, outcome: "left" as const, receipt: null }] };
    const voided = { ...captured, state: "voided" as const, captures: 0, captured_minor: 0 };
    expect(found({ view: left, payments: [voided], receipt: null, posMinor: null }).lostCharges).toEqual([]);
    expect(found({ view: left }).lostCharges).toEqual([]);
  });

  test.each<[string, Partial<Account>]>([
    ["two captures", { payments: [captured, captured] }],
    ["more taken than the receipt says", { payments: [{ ...captured, captured_minor: 501 }] }],
  ])("calls %s a double charge", (_what, change) => {
    expect(found(change).doubleCharges).toEqual(["s"]);
  });

  test.each<[string, Partial<Account>]>([
    ["a receipt without the money", { payments: [] }],
    ["a receipt with part of the money", { payments: [{ ...captured, captured_minor: 499 }] }],
    ["money without a receipt", { receipt: null }],
    ["a receipt that the POS does not know", { posMinor: null }],
    ["another total at the POS", { posMinor: 499 }],
    ["another total on the cart", { view: { ...view, attempts: [{ ...attempt, totalMinor: 400 }] } }],
    [
      "money of a trip that was left, without a sale",
      { view: { ...view, attempts: [{ ...attempt, outcome: "left", receipt: null }] }, receipt: null, posMinor: null },
    ],
    ["money of a trip that nobody paid", { view: { ...view, attempts: [{ ...attempt, outcome: "declined" }] } }],
  ])("calls %s a lost charge", (_what, change) => {
    expect(found(change).lostCharges).toEqual(["s"]);
  });

  test("names what is still held, and a trip without an end", () => {
    expect(found({ payments: [captured, { ...captured, state: "authorized", captures: 0 }] }).held).toEqual(["s"]);
    expect(found({ view: { ...view, problem: "offline" } }).uncertain).toEqual(["s"]);
  });
});

describe("the plan", () => {
  test("is the same for the same seed, and of 2,000 trips meets every case", () => {
    expect(planTrips(50, 3)).toEqual(planTrips(50, 3));
    expect(planTrips(50, 3)).not.toEqual(planTrips(50, 4));
    const many = planTrips(2_000, 1);
    expect(new Set(many.map(({ till }) => till))).toEqual(new Set(TILLS));
    expect(new Set(many.flatMap(({ faults }) => faults.map(([behaviour, on]) => `${behaviour} ${on}`))).size).toBe(16);
  });

  test("cuts both processes off in a long run and none in one too short to recover in", () => {
    expect(planCrashes(10).size).toBe(0);
    expect([...planCrashes(60).values()]).toEqual(["pay", "platform"]);
  });
});

test("a percentile is a value that was measured", () => {
  expect(percentile([3, 1, 2, 4], 0.5)).toBe(2);
  expect(percentile([3, 1, 2, 4], 0.99)).toBe(4);
  expect(percentile([], 0.5)).toBe(0);
});
