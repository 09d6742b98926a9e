import { sumMinor, taxInGross, taxOnNet } from "../../../protocol/money/arithmetic.ts";
import type { TaxLine } from "../../../protocol/rooms/stores.ts";

/** What the tax engine needs of a basket line. `totalMinor` is gross in the EU and net in the US. */
export interface TaxableLine {
  readonly taxClass: string;
  readonly totalMinor: number;
}

/** One tax, e.g. a state's: its rate by tax class. A class that is not named is exempt. */
interface Tax {
  readonly name: string;
  /** Basis points: 725 is 7.25 %. */
  readonly rates: Readonly<Record<string, number>>;
}

export interface TaxRules {
  /** True: prices contain the tax and it is extracted. False: it comes on top. */
  readonly included: boolean;
  /** Whether each line's tax is rounded, or the tax of all lines of one rate once. Half up, in either case. */
  readonly rounding: "line" | "rate";
  readonly taxes: readonly Tax[];
}

export interface Taxed {
  readonly totalMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly TaxLine[];
}

/**
 * The simulated engine's rules. US: one state and one county; food is exempt from the state's tax and reduced in the
 * county's. EU: the standard rate, and the reduced one that most food has; what is neither is left to a real engine.
 */
export function rulesOf(country: string): TaxRules | undefined {
  if (country === "US") return US;
  const vat = VAT[country];
  if (vat === undefined) return undefined;
  const [name, food, standard] = vat;
  return { included: true, rounding: "rate", taxes: [{ name, rates: { food, standard, alcohol: standard } }] };
}

const US: TaxRules = {
  included: false,
  rounding: "rate",
  taxes: [
    { name: "State sales tax", rates: { food: 0, standard: 625, alcohol: 625 } },
    { name: "County sales tax", rates: { food: 100, standard: 225, alcohol: 225 } },
  ],
};

/** What the country calls its VAT on receipts, and basis points: food, standard. */
const VAT: Readonly<Record<string, readonly [name: string, food: number, standard: number]>> = {
  AT: ["USt", 1000, 2000],
  BE: ["BTW/TVA", 600, 2100],
  DE: ["MwSt", 700, 1900],
  ES: ["IVA", 1000, 2100],
  FR: ["TVA", 550, 2000],
  IE: ["VAT", 0, 2300],
  IT: ["IVA", 1000, 2200],
  LU: ["TVA", 300, 1700],
  NL: ["BTW", 900, 2100],
  PL: ["VAT", 500, 2300],
  PT: ["IVA", 600, 2300],
};

/**
 * Taxes a basket. Always: net and tax add up to the total; with tax on top, net is the sum of the lines; with tax
 * included, the total is.
 * @returns one tax line for each tax and rate, highest rate first; with tax on top, none for a rate of 0
 * @throws RangeError when a line's class has no rate at all, or amounts overflow
 */
export function taxBasket(lines: readonly TaxableLine[], rules: TaxRules): Taxed {
  const unknown = lines.find((line) => !rules.taxes.some((tax) => Object.hasOwn(tax.rates, line.taxClass)));
  if (unknown !== undefined) throw new RangeError("a line has a tax class without a rate");
  const taxes = rules.taxes.flatMap((tax) => taxLines(tax, lines, rules));
  const goods = sumMinor(lines.map((line) => line.totalMinor));
  const taxMinor = sumMinor(taxes.map((tax) => tax.taxMinor));
  return rules.included
    ? { totalMinor: goods, netMinor: goods - taxMinor, taxMinor, taxes }
    : { totalMinor: sumMinor([goods, taxMinor]), netMinor: goods, taxMinor, taxes };
}

function taxLines(tax: Tax, lines: readonly TaxableLine[], rules: TaxRules): TaxLine[] {
  const byRate = new Map<number, number[]>();
  for (const line of lines) {
    const rate = tax.rates[line.taxClass];
    if (rate === undefined || (rate === 0 && !rules.included)) continue;
    byRate.set(rate, [...(byRate.get(rate) ?? []), line.totalMinor]);
  }
  const taxOf = rules.included ? taxInGross : taxOnNet;
  return [...byRate]
    .sort(([a], [b]) => b - a)
    .map(([rate, amounts]) => {
      const goods = sumMinor(amounts);
      const taxMinor =
        rules.rounding === "rate" ? taxOf(goods, rate) : sumMinor(amounts.map((amount) => taxOf(amount, rate)));
      return { name: tax.name, rateBasisPoints: rate, netMinor: rules.included ? goods - taxMinor : goods, taxMinor };
    });
}
