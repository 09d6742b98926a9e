import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseScan } from "./scan.ts";

const YEAR = 2026;
const GTIN = "09506000134352";

function attributes(code: string, year = YEAR) {
  const scan = parseScan(code, year);
  if (!scan.ok || scan.value.kind !== "gtin") throw new Error(scan.ok ? "plu" : scan.reason);
  return { gtin: scan.value.gtin.gtin14, ...scan.value.attributes };
}

describe("a scanned code", () => {
  test.each(["9506000134352", "]E09506000134352", GTIN, `01${GTIN}`, `]C101${GTIN}`, `]d2\x1d01${GTIN}`])(
    "%j is one and the same item",
    (code) => expect(attributes(code)).toMatchObject({ gtin: GTIN, lot: null, expiry: null, netGrams: null }),
  );

  test.each([
    ["4011", "4011"],
    ["94011", "94011"],
    ["04011", "4011"],
  ])("%s is the PLU %s", (code, plu) =>
    expect(parseScan(code, YEAR)).toEqual({ ok: true, value: { kind: "plu", plu } }),
  );
});

describe("a GS1 element string", () => {
  test("gives weight, date, lot, serial and price", () => {
    const code = `]C101${GTIN}3103001250172611303922199\x1d10AB-12\x1d21S1`;
    expect(attributes(code)).toEqual({
      gtin: GTIN,
      lot: "AB-12",
      serial: "S1",
      bestBefore: null,
      expiry: "2026-11-30",
      count: null,
      netGrams: 1250,
      price: { amount: 199, decimals: 2, currencyNumber: null },
    });
  });

  test.each([
    ["3100000002", 2000],
    ["3105012345", 123],
    ["3202000250", 1134],
    ["3200000001", 454],
  ])("weight %s is %i g", (element, netGrams) => expect(attributes(`01${GTIN}${element}`)).toMatchObject({ netGrams }));

  test("gives a price with its currency, and a count", () => {
    expect(attributes(`01${GTIN}39329780150\x1d306`)).toMatchObject({
      count: 6,
      price: { amount: 150, decimals: 2, currencyNumber: "978" },
    });
  });

  test.each([
    ["260228", 2026, "2026-02-28"],
    ["260200", 2026, "2026-02-28"],
    ["280200", 2026, "2028-02-29"],
    ["760101", 2026, "2076-01-01"],
    ["770101", 2026, "1977-01-01"],
    ["000101", 2060, "2100-01-01"],
  ])("the date %s read in %i is %s", (text, year, expiry) =>
    expect(attributes(`01${GTIN}17${text}`, year)).toMatchObject({ expiry }),
  );
});

describe("a GS1 Digital Link", () => {
  test.each([
    `https://id.gs1.org/01/${GTIN}/10/L1/21/S2?17=261130&3103=001250&utm=x`,
    `HTTPS://shop.example/some/path/01/9506000134352/10/L1/21/S2/?17=261130&3103=001250`,
    `]Q3https://example.com/01/${GTIN}/10/L1/21/S%32?17=261130&3103=001250`,
  ])("%s is read, whatever its host", (link) =>
    expect(attributes(link)).toMatchObject({
      gtin: GTIN,
      lot: "L1",
      serial: "S2",
      expiry: "2026-11-30",
      netGrams: 1250,
    }),
  );
});

describe("a code that says nothing is refused:", () => {
  test.each([
    ["", "empty"],
    ["]C1", "empty"],
    ["4".repeat(513), "too_long"],
    ["40063813\u000033931", "control_character"],
    ["abc", "not_digits"],
    ["]E0", "not_digits"],
    ["123", "length"],
    ["0000", "value"],
    ["4006381333930", "check_digit"],
    ["]C10109506000134353", "check_digit"],
    ["]C110LOT", "no_gtin"],
    [`01${GTIN}88X`, "unknown_ai"],
    [`01${GTIN}17261`, "ai_value"],
    [`01${GTIN}10${"A".repeat(21)}`, "ai_value"],
    [`01${GTIN}10A\x1d10B`, "duplicate_ai"],
    [`01${GTIN}17261301`, "date"],
    [`01${GTIN}17260230`, "date"],
    [`01${GTIN}31030012503202000250`, "value"],
    [`01${GTIN}3103000000`, "value"],
    [`01${GTIN}300`, "value"],
    ["https://example.com/", "not_a_link"],
    ["https:///01/09506000134352", "not_a_link"],
    [`https://example.com/01/${GTIN}/21/S/10/L`, "duplicate_ai"],
    [`https://example.com/01/${GTIN}/21`, "ai_value"],
    [`https://example.com/01/${GTIN}/21/%E0%A4`, "ai_value"],
    [`https://example.com/01/${GTIN}/99/A`, "unknown_ai"],
    [`https://example.com/01/${GTIN}?17=261130&17=261201`, "duplicate_ai"],
    [`javascript:alert(1)//01/${GTIN}`, "not_digits"],
  ])("%j: %s", (code, reason) => expect(parseScan(code, YEAR)).toEqual({ ok: false, reason }));

  test("no text makes the reader throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((each) => `]C101${GTIN}${each}`),
        ),
        (code) => {
          expect(typeof parseScan(code, YEAR).ok).toBe("boolean");
        },
      ),
    );
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        expect(typeof parseScan(url.replace(/\/$/, `/01/${GTIN}`), YEAR).ok).toBe("boolean");
      }),
    );
  });
});
