import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sumMinor } from "../../../protocol/money/arithmetic.ts";
import { decimalText } from "../../../protocol/money/format.ts";
import { EXPONENT, type Currency } from "../../../protocol/money/money.ts";
import { rulesOf, taxBasket, type TaxRules } from "./tax.ts";

function rules(country: string): TaxRules {
  const found = rulesOf(country);
  if (found === undefined) throw new Error(country);
  return found;
}

const line = fc.record({
  taxClass: fc.constantFrom("food", "standard", "alcohol"),
  totalMinor: fc.nat(5_000_000),
});
const basket = fc.array(line, { maxLength: 60 });
const anyRules = fc
  .record({
    country: fc.constantFrom("US", "DE", "FR", "AT", "ES", "IE", "NL"),
    rounding: fc.constantFrom("line" as const, "rate" as const),
  })
  .map(({ country, rounding }) => ({ ...rules(country), rounding }));

describe("a taxed basket", () => {
  test("in Germany contains 7 % on food and 19 % on the rest", () => {
    const lines = [
      { taxClass: "food", totalMinor: 107 },
      { taxClass: "alcohol", totalMinor: 119 },
      { taxClass: "standard", totalMinor: 238 },
    ];
    expect(taxBasket(lines, rules("DE"))).toEqual({
      totalMinor: 464,
      netMinor: 400,
      taxMinor: 64,
      taxes: [
        { name: "MwSt", rateBasisPoints: 1900, netMinor: 300, taxMinor: 57 },
        { name: "MwSt", rateBasisPoints: 700, netMinor: 100, taxMinor: 7 },
      ],
    });
  });

  test("in the US gets the state's and the county's tax on top, food a reduced one", () => {
    const lines = [
      { taxClass: "food", totalMinor: 1000 },
      { taxClass: "alcohol", totalMinor: 1000 },
    ];
    expect(taxBasket(lines, rules("US"))).toEqual({
      totalMinor: 2096,
      netMinor: 2000,
      taxMinor: 96,
      taxes: [
        { name: "State sales tax", rateBasisPoints: 625, netMinor: 1000, taxMinor: 63 },
        { name: "County sales tax", rateBasisPoints: 225, netMinor: 1000, taxMinor: 23 },
        { name: "County sales tax", rateBasisPoints: 100, netMinor: 1000, taxMinor: 10 },
      ],
    });
  });

  test("is rounded once a rate, or once a line if the rules say so", () => {
    const lines = Array.from({ length: 3 }, () => ({ taxClass: "food", totalMinor: 50 }));
    expect(taxBasket(lines, rules("US")).taxMinor).toBe(2);
    expect(taxBasket(lines, { ...rules("US"), rounding: "line" }).taxMinor).toBe(3);
  });

  test("shows a zero rate where prices contain tax", () => {
    expect(taxBasket([{ taxClass: "food", totalMinor: 50 }], rules("IE")).taxes).toEqual([
      { name: "VAT", rateBasisPoints: 0, netMinor: 50, taxMinor: 0 },
    ]);
  });

  test("of no lines is nothing", () => {
    expect(taxBasket([], rules("DE"))).toEqual({ totalMinor: 0, netMinor: 0, taxMinor: 0, taxes: [] });
  });

  test("with a class that has no rate, or in a country without rules, is refused", () => {
    expect(() => taxBasket([{ taxClass: "tobacco", totalMinor: 1 }], rules("DE"))).toThrow(RangeError);
    expect(() => taxBasket([{ taxClass: "toString", totalMinor: 1 }], rules("US"))).toThrow(RangeError);
    expect(rulesOf("XX")).toBeUndefined();
  });
});

describe("for any basket", () => {
  test("the lines and the tax on top are the total; where tax is included the lines are, and its parts add up", () => {
    fc.assert(
      fc.property(basket, anyRules, (lines, rules) => {
        const taxed = taxBasket(lines, rules);
        const goods = sumMinor(lines.map((each) => each.totalMinor));
        const tax = sumMinor(taxed.taxes.map((each) => each.taxMinor));
        expect(taxed.totalMinor).toBe(rules.included ? goods : goods + tax);
        expect(taxed.netMinor + taxed.taxMinor).toBe(taxed.totalMinor);
        if (rules.included)
          expect(sumMinor(taxed.taxes.map((each) => each.netMinor + each.taxMinor))).toBe(taxed.totalMinor);
      }),
    );
  });

  test("the sum holds as printed, in currencies of 0, 2 and 3 digits", () => {
    const currency = fc.constantFrom<Currency>("JPY", "EUR", "USD", "KWD");
    const printed = (minor: number, currency: Currency) => BigInt(decimalText({ minor, currency }).replace(".", ""));
    fc.assert(
      fc.property(basket, anyRules, currency, (lines, rules, currency) => {
        const taxed = taxBasket(lines, rules);
        const goods = lines.reduce((sum, each) => sum + printed(each.totalMinor, currency), 0n);
        const onTop = rules.included ? 0n : printed(taxed.taxMinor, currency);
        expect(goods + onTop).toBe(printed(taxed.totalMinor, currency));
        const fraction = decimalText({ minor: taxed.totalMinor, currency }).split(".")[1] ?? "";
        expect(fraction).toHaveLength(EXPONENT[currency]);
      }),
    );
  });
});
