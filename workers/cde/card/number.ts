import { fail, ok, type Result } from "../../../protocol/result.ts";

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighted = i % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Issuer ranges of the schemes that are accepted, with the lengths that they issue (13-digit Visa is retired). */
const SCHEMES = [
  { name: "visa", iin: /^4/, lengths: [16, 19] },
  { name: "mastercard", iin: /^(5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/, lengths: [16] },
  { name: "amex", iin: /^3[47]/, lengths: [15] },
  { name: "discover", iin: /^(6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
  { name: "diners", iin: /^(30[0-5]|3095|36|3[89])/, lengths: [14, 15, 16, 17, 18, 19] },
  { name: "jcb", iin: /^35(2[89]|[3-8]\d)/, lengths: [16, 17, 18, 19] },
  { name: "unionpay", iin: /^62/, lengths: [16, 17, 18, 19] },
  { name: "maestro", iin: /^(50|5[6-8]|6[37])/, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
] as const;

export type Scheme = (typeof SCHEMES)[number]["name"];

/** A whole card number: digits only, of a known scheme and length, with a right check digit. */
export function cardNumber(
  text: unknown,
): Result<{ readonly pan: string; readonly scheme: Scheme }, "card_number" | "card_scheme"> {
  if (typeof text !== "string" || !/^[0-9]{12,19}$/.test(text) || !passesLuhn(text)) return fail("card_number");
  const scheme = SCHEMES.find((each) => each.iin.test(text));
  if (scheme === undefined) return fail("card_scheme");
  return (scheme.lengths as readonly number[]).includes(text.length)
    ? ok({ pan: text, scheme: scheme.name })
    : fail("card_number");
}
