import { rulesOf, taxBasket, type Taxed } from "./tax.ts";
import type { QuoteRequest } from "./wire.ts";

export interface GoesBack {
  readonly line: number;
  readonly quantity: number;
}

export interface RefundFigures extends Taxed {
  readonly lines: QuoteRequest["lines"];
}

/**
 * What lines of a sale come to when they go back: the tax of the goods that were still sold, less the tax of those
 * that stay. So the parts add up to the sale in every amount and every rate, whatever was rounded.
 * @param already pieces that went back before, by line
 * @returns undefined when there is no such line, or less of it is left
 */
export function refundFigures(
  sold: Pick<QuoteRequest, "country" | "lines">,
  already: ReadonlyMap<number, number>,
  asked: readonly GoesBack[],
): RefundFigures | undefined {
  const rules = rulesOf(sold.country);
  if (rules === undefined || asked.length === 0) return undefined;
  const after = new Map(already);
  for (const { line, quantity } of asked) {
    const original = sold.lines.find((each) => each.line === line);
    const back = (after.get(line) ?? 0) + quantity;
    if (original === undefined || back > original.quantity) return undefined;
    after.set(line, back);
  }
  const left = (back: ReadonlyMap<number, number>) =>
    sold.lines.map((line) => ({
      taxClass: line.tax_class,
      totalMinor: line.total_minor - shareOf(line, back.get(line.line) ?? 0),
    }));
  const [before, then] = [taxBasket(left(already), rules), taxBasket(left(after), rules)];
  return {
    totalMinor: before.totalMinor - then.totalMinor,
    netMinor: before.netMinor - then.netMinor,
    taxMinor: before.taxMinor - then.taxMinor,
    taxes: before.taxes.flatMap((tax, index) => {
      const rest = then.taxes[index];
      const netMinor = tax.netMinor - (rest?.netMinor ?? 0);
      const taxMinor = tax.taxMinor - (rest?.taxMinor ?? 0);
      return netMinor === 0 && taxMinor === 0 ? [] : [{ ...tax, netMinor, taxMinor }];
    }),
    lines: sold.lines.flatMap((line) => {
      const [was, is] = [already.get(line.line) ?? 0, after.get(line.line) ?? 0];
      if (was === is) return [];
      return [{ ...line, quantity: is - was, total_minor: shareOf(line, is) - shareOf(line, was) }];
    }),
  };
}

/** The share of the first `pieces` of a line, rounded half up: shares of all pieces are the line. */
function shareOf(line: { readonly quantity: number; readonly total_minor: number }, pieces: number): number {
  return Math.floor((2 * line.total_minor * pieces + line.quantity) / (2 * line.quantity));
}
