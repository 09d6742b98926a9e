import { EXPONENT, type Money } from "./money.ts";

/** The amount as an exact decimal text without grouping, e.g. `-1.05`; the number of digits is the currency's. */
export function decimalText({ minor, currency }: Money): string {
  if (!Number.isSafeInteger(minor)) throw new RangeError("not a safe integer");
  const exponent = EXPONENT[currency];
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * The amount as people of a locale (BCP 47) write it. The digits are ISO 4217's and not the locale data's own,
 * which drop Hungarian fillér and others that a receipt's sums still need.
 */
export function formatMoney(money: Money, locale: string): string {
  const digits = EXPONENT[money.currency];
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: money.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(decimalText(money) as Intl.StringNumericLiteral);
}

/** A rate in basis points as a percentage: 725 is `7.25 %` or `7.25%`, as the locale has it. */
export function formatRate(rateBasisPoints: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(rateBasisPoints / 10_000);
}
