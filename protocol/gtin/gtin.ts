import { fail, ok, type Result } from "../result.ts";

/** A trade item number whose check digit is right. */
export interface Gtin {
  /** 14 digits, padded with zeros on the left: the key. */
  readonly gtin14: string;
  /** The digits as they were scanned: 8, 12, 13 or 14. */
  readonly scanned: string;
}

export type GtinReason = "not_digits" | "length" | "check_digit";

/**
 * The GS1 check digit of the digits before it (General Specifications 7.9.1): weights 3 and 1 from the right,
 * up to the next multiple of ten.
 * @throws RangeError when `body` is not one or more digits.
 */
export function checkDigit(body: string): string {
  if (!/^[0-9]+$/.test(body)) throw new RangeError("not digits");
  let sum = 0;
  for (let index = 0; index < body.length; index++)
    sum += Number(body[body.length - 1 - index]) * (index % 2 === 0 ? 3 : 1);
  return String((10 - (sum % 10)) % 10);
}

/** Reads a GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN-13) or GTIN-14. */
export function parseGtin(text: string): Result<Gtin, GtinReason> {
  if (!/^[0-9]+$/.test(text)) return fail("not_digits");
  if (![8, 12, 13, 14].includes(text.length)) return fail("length");
  if (checkDigit(text.slice(0, -1)) !== text.at(-1)) return fail("check_digit");
  return ok({ gtin14: text.padStart(14, "0"), scanned: text });
}

/**
 * Whether the number is for use inside a company or region (restricted circulation, General Specifications 2.1.11):
 * EAN-13 02, 04 (UPC-A number systems 2 and 4) and 20 to 29; EAN-8 0 and 2. Such a number says nothing by itself:
 * what is in it is the store's own agreement.
 */
export function isRestricted(gtin14: string): boolean {
  return /^(?:0(?:2|02|04)|000000[02])/.test(gtin14);
}

/** Variable measure: a GTIN-14 whose indicator digit is 9 (General Specifications 2.1.10). */
export function isVariableMeasure(gtin14: string): boolean {
  return gtin14.startsWith("9");
}
