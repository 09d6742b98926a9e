import { describe, expect, test } from "vitest";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { Receipt, RefundBooking, RefundQuote, SaleLine } from "../../protocol/rooms/stores.ts";
import { findRefundFault, makeCorrection } from "./refund.ts";
import { areRefundLines, isBooking } from "./refund-check.ts";

const line = (n: number, quantity: number, totalMinor: number): SaleLine => ({
  line: n,
  item: "04006381333931",
  name: "Milk",
  quantity,
  grams: null,
  unitMinor: 107,
  totalMinor,
  taxClass: "food",
});
const tax = (netMinor: number, taxMinor: number) => ({ name: "MwSt", rateBasisPoints: 700, netMinor, taxMinor });
const ORIGINAL = {
  reference: "A".repeat(22) as ReceiptReference,
  number: "eu-demo-000007",
  issuedAt: "2026-11-21T10:00:00.000Z",
  currency: "EUR",
  taxIncluded: true,
  lines: [line(1, 3, 321), line(2, 1, 107)],
  taxes: [tax(400, 28)],
  netMinor: 400,
  taxMinor: 28,
  totalMinor: 428,
  payment: { last4: "4242", amountMinor: 428 },
} as unknown as Receipt;
const QUOTE: RefundQuote = {
  quote: "q",
  total: { minor: 214, currency: "EUR" },
  netMinor: 200,
  taxMinor: 14,
  taxes: [tax(200, 14)],
  lines: [line(1, 2, 214)],
};
const ASKED = [{ line: 1, quantity: 2 }];

describe("a refund's quote", () => {
  test("that adds up and stays within the receipt is good", () => {
    expect(findRefundFault(QUOTE, ASKED, ORIGINAL)).toBeNull();
    const added = { ...QUOTE, lines: [line(1, 2, 200)], netMinor: 200, total: QUOTE.total };
    expect(findRefundFault(added, ASKED, { ...ORIGINAL, taxIncluded: false })).toBeNull();
  });

  test.each<[string, Partial<RefundQuote>, string]>([
    ["another currency", { total: { minor: 214, currency: "USD" } }, "currency"],
    ["another quantity", { lines: [line(1, 1, 214)] }, "lines"],
    ["a line that was not asked for", { lines: [line(1, 2, 107), line(2, 1, 107)] }, "lines"],
    ["a line dearer than it was sold", { lines: [line(1, 2, 322)] }, "lines"],
    ["a tax that the receipt has not", { taxes: [{ ...tax(200, 14), rateBasisPoints: 1900 }] }, "taxes"],
    ["more tax than was taken", { taxes: [tax(185, 29)], taxMinor: 29, netMinor: 185 }, "taxes"],
    ["taxes that do not add up", { taxMinor: 13 }, "net"],
    ["a total that is not its lines", { lines: [line(1, 2, 213)] }, "total"],
  ])("with %s is not", (_what, change, fault) => {
    expect(findRefundFault({ ...QUOTE, ...change }, ASKED, ORIGINAL)).toBe(fault);
  });
});

describe("the correcting receipt", () => {
  const booking: RefundBooking = {
    refund: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a",
    original: ORIGINAL.reference,
    reference: "B".repeat(22) as ReceiptReference,
    quote: QUOTE,
    reason: "damaged",
    at: Date.UTC(2026, 10, 22),
  };

  test("names the receipt that it amends and has every amount below zero", () => {
    const correction = makeCorrection(ORIGINAL, booking, { transaction: "eu-demo-R000001", fiscal: null });
    expect(correction).toMatchObject({
      reference: booking.reference,
      number: "eu-demo-R000001",
      issuedAt: "2026-11-22T00:00:00.000Z",
      corrects: { reference: ORIGINAL.reference, number: ORIGINAL.number, issuedAt: ORIGINAL.issuedAt },
      lines: [{ line: 1, quantity: 2, totalMinor: -214 }],
      taxes: [{ netMinor: -200, taxMinor: -14 }],
      netMinor: -200,
      taxMinor: -14,
      totalMinor: -214,
      payment: { last4: "4242", amountMinor: -214 },
    });
  });

  test("is booked of a whole booking only", () => {
    expect(isBooking(booking)).toBe(true);
    for (const change of [
      { refund: "1" },
      { original: "x" },
      { reference: "" },
      { reason: "a reason in words" },
      { quote: { ...QUOTE, total: { minor: 0, currency: "EUR" } } },
      { quote: { ...QUOTE, lines: [] } },
    ])
      expect(isBooking({ ...booking, ...change })).toBe(false);
  });

  test("is asked for with whole quantities, one number a line", () => {
    expect(areRefundLines(ASKED)).toBe(true);
    for (const lines of [[], [...ASKED, ...ASKED], [{ line: 1, quantity: 0 }], [{ line: -1, quantity: 1 }], "1"])
      expect(areRefundLines(lines)).toBe(false);
  });
});
