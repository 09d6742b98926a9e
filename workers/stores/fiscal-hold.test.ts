import { describe, expect, it } from "vitest";
import type { ReceiptReference } from "../../protocol/ids.ts";
import { holdOf, overOn, strangeNames } from "./fiscal-hold.ts";
import { makeReceipt } from "./receipt.ts";
import { EU_STORE, sale, SESSION } from "./test/fixtures.ts";

const RECEIPT = makeReceipt("A".repeat(22) as ReceiptReference, sale(), EU_STORE, {
  transaction: "T-1",
  fiscal: "TSE",
});

describe("a fiscal hold", () => {
  it("keeps what the law asks for and nothing that leads to a shopper or a card", () => {
    const hold = holdOf(RECEIPT, 7);
    expect(hold).toMatchObject({ jurisdiction: "DE", recordClass: "sales_receipt", begun: 7, until: "2034-12-31" });
    expect(JSON.parse(hold?.record ?? "")).toMatchObject({ number: "T-1", totalMinor: 107, pos: { fiscal: "TSE" } });
    for (const part of [SESSION, "4242", "A1B2C3D4E5F60718", "042137", "00112233445566778899aabbccddeeff"])
      expect(JSON.stringify(hold)).not.toContain(part);
  });

  it("is for the day that it was where the store is", () => {
    const paidAt = Date.UTC(2026, 11, 31, 23, 30);
    const receipt = makeReceipt(RECEIPT.reference, sale({ paidAt }), EU_STORE, { transaction: "T-2", fiscal: null });
    expect(holdOf(receipt, 0)?.until).toBe("2035-12-31");
  });

  it("is none where the table names no law", () => {
    expect(holdOf({ ...RECEIPT, store: { ...RECEIPT.store, country: "ZZ" } }, 0)).toBeUndefined();
  });

  it("is over only when its last day is over everywhere", () => {
    expect(overOn(Date.UTC(2035, 0, 1, 11, 59))).toBe("2034-12-31");
    expect(overOn(Date.UTC(2035, 0, 1, 12, 0))).toBe("2035-01-01");
  });
});

describe("the search of a receipt", () => {
  it("finds nothing in a receipt as they are written", () => {
    expect(strangeNames(JSON.parse(JSON.stringify(RECEIPT)))).toEqual([]);
    const corrects = { reference: RECEIPT.reference, number: "T-1", issuedAt: RECEIPT.issuedAt };
    expect(strangeNames({ ...RECEIPT, corrects })).toEqual([]);
  });

  it("finds a name that no receipt has, however deep", () => {
    expect(strangeNames({ ...RECEIPT, customer: "somebody" })).toEqual(["customer"]);
    expect(strangeNames({ ...RECEIPT, lines: [{ ...RECEIPT.lines[0], loyalty: "9" }] })).toEqual(["loyalty"]);
  });
});
