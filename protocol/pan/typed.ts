/**
 * Whether a value is a scanned code with a right check digit (GS1 General Specifications, 7.9): GTIN-8, -12, -13,
 * -14 or SSCC-18. Such a value is exempt from the tripwire only in a field whose type is a scanned code: a tenth
 * of German GTIN-13 has a card number's check digit, too.
 */
export function isTypedCode(value: unknown): boolean {
  return typeof value === "string" && /^(?:\d{8}|\d{12,14}|\d{18})$/.test(value) && hasGs1CheckDigit(value);
}

/** Modulo 10 with weights 3 and 1 from the right, over ASCII digits of any length. */
export function hasGs1CheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1)
    sum += (digits.charCodeAt(digits.length - 1 - place) - 48) * (place % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

/** Milliseconds since the epoch, from 2001 to 2286: 13 digits, which no scheme issues any more. */
export function isEpochMilliseconds(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1e12 && value < 1e13;
}

/** A counter such as seq or boot: 32 bits, ten digits at most. */
export function isCounter(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
