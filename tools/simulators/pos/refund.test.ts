import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refundFigures } from "./refund.ts";
import { rulesOf, taxBasket } from "./tax.ts";

const lines = fc.array(
  fc.record({
    quantity: fc.integer({ min: 1, max: 6 }),
    total_minor: fc.integer({ min: 1, max: 9_999 }),
    tax_class: fc.constantFrom("food", "standard", "alcohol"),
  }),
  { minLength: 1, maxLength: 8 },
);
const sold = (country: string, given: { quantity: number; total_minor: number; tax_class: string }[]) => ({
  country,
  lines: given.map((each, line) => ({ ...each, line, item: "i", name: "n", grams: null, unit_minor: 1 })),
});

describe("what goes back", () => {
  test.each(["DE", "FR", "US"])("piece by piece in %s adds up to the sale, in every amount and rate", (country) => {
    const rules = rulesOf(country);
    fc.assert(
      fc.property(lines, fc.nat(), (given, seed) => {
        const sale = sold(country, given);
        const pieces = sale.lines.flatMap(({ line, quantity }) => Array.from({ length: quantity }, () => line));
        const order = pieces.toSorted((a, b) => ((a * 7 + seed) % 5) - ((b * 7 + seed) % 5));
        const already = new Map<number, number>();
        const sums = { totalMinor: 0, taxMinor: 0, netMinor: 0 };
        const byTax = new Map<string, number>();
        for (const line of order) {
          const part = refundFigures(sale, already, [{ line, quantity: 1 }]);
          if (part === undefined || rules === undefined) throw new Error("a piece was not taken back");
          expect(
            Math.min(part.totalMinor, part.taxMinor, ...part.taxes.map(({ taxMinor }) => taxMinor)),
          ).toBeGreaterThanOrEqual(0);
          sums.totalMinor += part.totalMinor;
          sums.taxMinor += part.taxMinor;
          sums.netMinor += part.netMinor;
          for (const tax of part.taxes)
            byTax.set(
              `${tax.name} ${tax.rateBasisPoints}`,
              (byTax.get(`${tax.name} ${tax.rateBasisPoints}`) ?? 0) + tax.taxMinor,
            );
          already.set(line, (already.get(line) ?? 0) + 1);
        }
        const whole =
          rules &&
          taxBasket(
            sale.lines.map((l) => ({ taxClass: l.tax_class, totalMinor: l.total_minor })),
            rules,
          );
        expect(sums).toEqual({ totalMinor: whole?.totalMinor, taxMinor: whole?.taxMinor, netMinor: whole?.netMinor });
        for (const tax of whole?.taxes ?? [])
          expect(byTax.get(`${tax.name} ${tax.rateBasisPoints}`) ?? 0).toBe(tax.taxMinor);
      }),
      { numRuns: 100 },
    );
  });

  test("is never more than is left of a line", () => {
    const sale = sold("DE", [{ quantity: 2, total_minor: 199, tax_class: "food" }]);
    expect(refundFigures(sale, new Map([[0, 1]]), [{ line: 0, quantity: 2 }])).toBeUndefined();
    expect(refundFigures(sale, new Map(), [{ line: 1, quantity: 1 }])).toBeUndefined();
    expect(refundFigures(sale, new Map(), [])).toBeUndefined();
    expect(refundFigures(sale, new Map(), [{ line: 0, quantity: 1 }])?.totalMinor).toBe(100);
    expect(refundFigures(sale, new Map([[0, 1]]), [{ line: 0, quantity: 1 }])?.totalMinor).toBe(99);
  });
});
