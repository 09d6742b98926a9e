import { EXPONENT, type Currency, type Money } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";

/** Digits after the decimal point as one processor counts them; where ISO 4217 and processors differ, money is lost. */
export type ExponentTable = Readonly<Partial<Record<Currency, number>>>;

/** The processor's smallest units come only in multiples of this; 1 where a currency is not named. */
export type StepTable = Readonly<Partial<Record<Currency, number>>>;

/** An amount in the processor's smallest unit. @throws RangeError when it can't be said exactly, or not at all. */
export function toProcessor(amount: Money, table: ExponentTable, steps: StepTable = {}): number {
  const scaled = rescale(amount.minor, EXPONENT[amount.currency], exponentOf(amount.currency, table));
  if (scaled % (steps[amount.currency] ?? 1) !== 0) throw new RangeError("the processor has no such amount");
  return scaled;
}

/** `toProcessor` as a refusal: an amount that can't be said there is never sent, let alone rounded. */
export function exactAt(amount: Money, table: ExponentTable, steps: StepTable = {}): Result<number, "refused"> {
  try {
    return ok(toProcessor(amount, table, steps));
  } catch {
    return fail("refused");
  }
}

/** An amount in ISO 4217 minor units. @throws RangeError when it can't be said exactly, or not at all. */
export function fromProcessor(minor: number, currency: Currency, table: ExponentTable): Money {
  return { minor: rescale(minor, exponentOf(currency, table), EXPONENT[currency]), currency };
}

function exponentOf(currency: Currency, table: ExponentTable): number {
  const exponent = table[currency];
  if (exponent === undefined) throw new RangeError(`the processor does not take ${currency}`);
  return exponent;
}

function rescale(minor: number, from: number, to: number): number {
  const factor = 10 ** Math.abs(to - from);
  const scaled = to >= from ? minor * factor : minor / factor;
  if (!Number.isSafeInteger(scaled) || scaled < 0) throw new RangeError("the amount has no exact value there");
  return scaled;
}
