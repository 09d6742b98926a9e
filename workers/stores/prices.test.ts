import { describe, expect, test } from "vitest";
import { checkDigit } from "../../protocol/gtin/gtin.ts";
import { priceVerifier } from "../../protocol/gtin/price-verifier.ts";
import { EXPONENT } from "../../protocol/money/money.ts";
import { CURRENCY_NUMBER } from "./currency-numbers.ts";
import { catalogueKeys, priceOf, readCodes, type PricingStore, type Product } from "./prices.ts";
import { compileTemplates } from "./settings.ts";
import { EU_STORE, US_STORE } from "./test/fixtures.ts";

const NOW = Date.UTC(2026, 10, 21, 12);

const CATALOGUE: readonly Product[] = [
  { item: "04006381333931", name: "Bread", unitMinor: 299, measure: "each", taxClass: "food", netGrams: 500 },
  { item: "00000096385074", name: "Wine", unitMinor: 799, measure: "each", taxClass: "alcohol", netGrams: null },
  { item: "09506000134352", name: "Eggs", unitMinor: 35, measure: "each", taxClass: "food", netGrams: 60 },
  { item: "90614141000015", name: "Beef", unitMinor: 2499, measure: "weight", taxClass: "food", netGrams: null },
  { item: "plu:4011", name: "Bananas", unitMinor: 199, measure: "weight", taxClass: "food", netGrams: null },
  { item: "rcn:2112345", name: "Cheese", unitMinor: 1990, measure: "weight", taxClass: "food", netGrams: null },
  { item: "rcn:2354321", name: "Salad", unitMinor: 1000, measure: "weight", taxClass: "food", netGrams: null },
  { item: "rcn:212345", name: "Ham", unitMinor: 2000, measure: "weight", taxClass: "food", netGrams: null },
  { item: "02912345000004", name: "House tea", unitMinor: 149, measure: "each", taxClass: "food", netGrams: null },
];

function pricing(settings = EU_STORE): PricingStore {
  return { ...settings, templates: compileTemplates(settings) ?? [] };
}

const withCheck = (body: string) => body + checkDigit(body);

function price(code: string, grams: number | null = null, store = pricing(), now = NOW) {
  const [scan] = readCodes([{ code, grams }], now);
  if (scan === undefined) throw new Error("no scan");
  const keys = new Set(scan === null ? [] : catalogueKeys(scan));
  const find = (item: string) => (keys.has(item) ? CATALOGUE.find((each) => each.item === item) : undefined);
  return priceOf(scan, grams, store, find, now);
}

describe("a scanned code", () => {
  test("of a packed product costs what the catalogue says", () => {
    expect(price("4006381333931")).toEqual({
      ok: true,
      value: {
        item: "04006381333931",
        name: "Bread",
        unitMinor: 299,
        measure: "each",
        grams: null,
        lineMinor: 299,
        taxClass: "food",
        netGrams: 500,
        minimumAge: 0,
        origin: "master",
      },
    });
  });

  test("carries the store's minimum age for its tax class", () => {
    expect(price("96385074")).toMatchObject({ value: { minimumAge: 16 } });
    expect(price("96385074", null, pricing(US_STORE))).toMatchObject({ value: { minimumAge: 21 } });
  });

  test("of loose goods costs by the cart's scale, rounded once", () => {
    expect(price("4011", 1253)).toMatchObject({ value: { measure: "weight", grams: 1253, lineMinor: 249 } });
    expect(price("04011", 5)).toMatchObject({ value: { item: "plu:4011", lineMinor: 1 } });
  });

  test.each([null, 0, -1, 1.5, 100_001])("of loose goods with %j g asks for the weight", (grams) => {
    expect(price("4011", grams)).toEqual({ ok: false, reason: "weight_needed" });
  });

  test("with a weight inside costs by that weight, whatever the scale says", () => {
    const value = { item: "rcn:2112345", grams: 1500, lineMinor: 2985, netGrams: 1500, origin: "master" };
    expect(price("2112345015002", 10)).toMatchObject({ value });
  });

  test("with a price inside costs that price, and its weight is worked out", () => {
    expect(price(withCheck("235432100499"))).toMatchObject({
      value: {
        item: "rcn:2354321",
        unitMinor: 499,
        lineMinor: 499,
        measure: "each",
        netGrams: 499,
        origin: "embedded",
      },
    });
  });

  test("with a price whose verifier is wrong is no code", () => {
    const right = withCheck(`212345${priceVerifier("0999")}0999`);
    const wrong = withCheck(`212345${(Number(priceVerifier("0999")) + 1) % 10}0999`);
    expect(price(right, null, pricing(US_STORE))).toMatchObject({ value: { name: "Ham", lineMinor: 999 } });
    expect(price(`0${right}`, null, pricing(US_STORE))).toMatchObject({ value: { name: "Ham", lineMinor: 999 } });
    expect(price(wrong, null, pricing(US_STORE))).toEqual({ ok: false, reason: "bad_code" });
  });

  test("for the store's own use that no template fits is looked up whole", () => {
    expect(price("2912345000004")).toMatchObject({ value: { name: "House tea", lineMinor: 149 } });
  });

  test("with weight, count or price in GS1 elements costs accordingly", () => {
    expect(price("]e001906141410000153103000500")).toMatchObject({ value: { grams: 500, lineMinor: 1250 } });
    expect(price("]C101095060001343523012")).toMatchObject({ value: { unitMinor: 420, netGrams: 720 } });
    expect(price("]C101906141410000153922799")).toMatchObject({ value: { lineMinor: 799, origin: "embedded" } });
    expect(price("]C101906141410000153932978799")).toMatchObject({ value: { lineMinor: 799 } });
    expect(price("https://example.com/01/90614141000015?3103=000500")).toMatchObject({ value: { lineMinor: 1250 } });
  });

  test.each(["]C101906141410000153932840799", "]C1019061414100001539237995", "]C101906141410000153922000"])(
    "with a price that is not the store's money (%j) is no code",
    (code) => expect(price(code)).toEqual({ ok: false, reason: "bad_code" }),
  );

  test("is sold through its last day in the store's own zone, and not after it", () => {
    const code = "]C1010400638133393117261121";
    const lastMinute = Date.UTC(2026, 10, 21, 22, 59);
    expect(price(code, null, pricing(), lastMinute).ok).toBe(true);
    expect(price(code, null, pricing(), lastMinute + 60_000)).toEqual({ ok: false, reason: "expired" });
    expect(price(code, null, pricing(US_STORE), lastMinute + 60_000).ok).toBe(true);
  });

  test.each([
    ["4006381333932", "bad_code"],
    ["", "bad_code"],
    ["0036000291452", "unknown_item"],
    ["4012", "unknown_item"],
    [withCheck("210000100500"), "unknown_item"],
    ["2112345000008".slice(0, 12) + checkDigit("211234500000"), "bad_code"],
  ])("%j answers %s", (code, reason) => expect(price(code)).toEqual({ ok: false, reason }));
});

test("every currency has its ISO number, once", () => {
  expect(Object.keys(CURRENCY_NUMBER).sort()).toEqual(Object.keys(EXPONENT).sort());
  expect(new Set(Object.values(CURRENCY_NUMBER)).size).toBe(Object.keys(EXPONENT).length);
});
