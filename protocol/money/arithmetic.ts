import type { Currency, Money } from "./money.ts";

/**
 * `numerator / denominator` to the nearest integer, halves away from zero, so that a refund reverses its sale exactly.
 * @throws RangeError when the result is no safe integer or the denominator is not positive.
 */
export function divideHalfUp(numerator: bigint, denominator: bigint): number {
  if (denominator <= 0n) throw new RangeError("the denominator is not positive");
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * magnitude + denominator) / (2n * denominator);
  return safe(numerator < 0n ? -quotient : quotient);
}

/** The price in minor units of `grams` at `unitMinor` a kilogram: rounded once, half up. */
export function priceByWeight(unitMinor: number, grams: number): number {
  return divideHalfUp(integer(unitMinor) * integer(grams), 1000n);
}

/** A rate is in basis points, hundredths of a percent: 725 is 7.25 %. */
const WHOLE = 10_000n;

/** Tax on top of a net amount, half up. */
export function taxOnNet(netMinor: number, rateBasisPoints: number): number {
  return divideHalfUp(integer(netMinor) * integer(rateBasisPoints), WHOLE);
}

/** The tax that a gross amount contains, half up. Net is gross less this, so the two always add up. */
export function taxInGross(grossMinor: number, rateBasisPoints: number): number {
  const rate = integer(rateBasisPoints);
  return divideHalfUp(integer(grossMinor) * rate, WHOLE + rate);
}

/** @throws RangeError when a term is no safe integer or the sum leaves the safe range (±2^53 − 1). */
export function sumMinor(terms: Iterable<number>): number {
  let total = 0n;
  for (const term of terms) total += integer(term);
  return safe(total);
}

/** @throws RangeError on an overflow or when a term is in another currency than `currency`. */
export function sum(terms: readonly Money[], currency: Currency): Money {
  if (terms.some((term) => term.currency !== currency)) throw new RangeError("amounts of two currencies do not add up");
  return { minor: sumMinor(terms.map((term) => term.minor)), currency };
}

function integer(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new RangeError("not a safe integer");
  return BigInt(value);
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
    throw new RangeError("the amount overflows");
  return Number(value);
}
