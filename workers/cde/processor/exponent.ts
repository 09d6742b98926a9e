import { EXPONENT, type Currency, type Money } from "../../../protocol/money/money.ts";

/** Digits after the decimal point as one processor counts them; where ISO 4217 and processors differ, money is lost. */
export type ExponentTable = Readonly<Partial<Record<Currency, number>>>;

/** An amount in the processor's smallest unit. @throws RangeError when it can't be said exactly, or not at all. */
export function toProcessor(amount: Money, table: ExponentTable): number {
  return rescale(amount.minor, EXPONENT[amount.currency], exponentOf(amount.currency, table));
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
