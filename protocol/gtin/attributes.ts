import { divideHalfUp } from "../money/arithmetic.ts";
import { fail, ok, type Result } from "../result.ts";
import { parseGtin, type Gtin } from "./gtin.ts";

/** What a code says of an item besides its number. Absent is null. */
export interface ItemAttributes {
  readonly lot: string | null;
  readonly serial: string | null;
  /** `YYYY-MM-DD`, AI 15. */
  readonly bestBefore: string | null;
  /** `YYYY-MM-DD`, AI 17: not to be sold after this day. */
  readonly expiry: string | null;
  /** AI 30: pieces in a variable-count pack. */
  readonly count: number | null;
  /** AI 310n in kilograms or 320n in pounds, as whole grams. */
  readonly netGrams: number | null;
  /** AI 392n (in the store's currency) or 393n (with its ISO 4217 number). */
  readonly price: {
    readonly amount: number;
    readonly decimals: number;
    readonly currencyNumber: string | null;
  } | null;
}

export type AttributesReason = "no_gtin" | "check_digit" | "date" | "value";

export const NO_ATTRIBUTES: ItemAttributes = {
  lot: null,
  serial: null,
  bestBefore: null,
  expiry: null,
  count: null,
  netGrams: null,
  price: null,
};

/** Grams in a pound, exact, in hundred-thousandths (International Yard and Pound Agreement of 1959). */
const POUND = 45_359_237n;

/**
 * Reads Application Identifiers and their values, whose form has been checked.
 * @param year the current year: two-digit years lie from 49 before it to 50 after it (General Specifications 7.12)
 */
export function readAttributes(
  elements: ReadonlyMap<string, string>,
  year: number,
): Result<{ gtin: Gtin; attributes: ItemAttributes }, AttributesReason> {
  const number = elements.get("01");
  if (number === undefined) return fail("no_gtin");
  const gtin = parseGtin(number);
  if (!gtin.ok) return fail("check_digit");
  const dates = new Map<string, string>();
  for (const ai of ["11", "12", "13", "15", "16", "17"]) {
    const text = elements.get(ai);
    if (text === undefined) continue;
    const date = readDate(text, year);
    if (date === null) return fail("date");
    dates.set(ai, date);
  }
  const netGrams = readWeight(elements);
  const price = readPrice(elements);
  if (netGrams === undefined || price === undefined) return fail("value");
  const count = elements.get("30");
  if (count !== undefined && Number(count) === 0) return fail("value");
  return ok({
    gtin: gtin.value,
    attributes: {
      lot: elements.get("10") ?? null,
      serial: elements.get("21") ?? null,
      bestBefore: dates.get("15") ?? null,
      expiry: dates.get("17") ?? null,
      count: count === undefined ? null : Number(count),
      netGrams,
      price,
    },
  });
}

/** Undefined when the code contradicts itself. */
function readWeight(elements: ReadonlyMap<string, string>): number | null | undefined {
  const found = [...elements].filter(([ai]) => /^3[12]0/.test(ai));
  const [first] = found;
  if (first === undefined) return null;
  const [ai, value] = first;
  const decimals = Number(ai[3]);
  if (found.length > 1 || decimals > 5 || Number(value) === 0) return undefined;
  const [factor, divisor] = ai.startsWith("310") ? [1000n, 1n] : [POUND, 100_000n];
  return divideHalfUp(BigInt(value) * factor, divisor * 10n ** BigInt(decimals));
}

function readPrice(elements: ReadonlyMap<string, string>): ItemAttributes["price"] | undefined {
  const found = [...elements].filter(([ai]) => /^39[23]/.test(ai));
  const [first] = found;
  if (first === undefined) return null;
  const [ai, value] = first;
  const currencyNumber = ai.startsWith("393") ? value.slice(0, 3) : null;
  const amount = Number(currencyNumber === null ? value : value.slice(3));
  if (found.length > 1 || !Number.isSafeInteger(amount)) return undefined;
  return { amount, decimals: Number(ai[3]), currencyNumber };
}

/** `YYMMDD`; day 00 is the last one of the month. Null when there is no such day. */
function readDate(text: string, year: number): string | null {
  const [yy, month, day] = [Number(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4))];
  const difference = yy - (year % 100);
  const century = Math.floor(year / 100) + (difference >= 51 ? -1 : difference <= -50 ? 1 : 0);
  const full = century * 100 + yy;
  if (month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  if (day > last) return null;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${full}-${two(month)}-${two(day === 0 ? last : day)}`;
}
