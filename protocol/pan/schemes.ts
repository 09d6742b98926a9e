/** One row of the schemes' issuer ranges: every number whose leading digits lie in `from`..`to` and whose length fits. */
interface Range {
  /** Leading digits, both of one length, both included. */
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
}

const UP_TO_19 = [16, 17, 18, 19];
const DINERS = [14, ...UP_TO_19];

/**
 * Issuer identification numbers (ISO/IEC 7812-1) of the schemes, with the lengths that they issue.
 * Visa's 13 digits are retired, and Maestro's 12 to 15 are left out: one in ten GTIN-13 of prefix 4 or 50
 * and one in ten times in milliseconds would look like a card.
 */
const RANGES: readonly Range[] = [
  { from: "4", to: "4", lengths: [16, 19] }, // Visa
  { from: "51", to: "55", lengths: [16] }, // Mastercard
  { from: "2221", to: "2720", lengths: [16] }, // Mastercard, series 2
  { from: "34", to: "34", lengths: [15] }, // American Express
  { from: "37", to: "37", lengths: [15] },
  { from: "6011", to: "6011", lengths: UP_TO_19 }, // Discover
  { from: "644", to: "649", lengths: UP_TO_19 },
  { from: "65", to: "65", lengths: UP_TO_19 },
  { from: "300", to: "305", lengths: DINERS }, // Diners Club
  { from: "3095", to: "3095", lengths: DINERS },
  { from: "36", to: "36", lengths: DINERS },
  { from: "38", to: "39", lengths: DINERS },
  { from: "3528", to: "3589", lengths: UP_TO_19 }, // JCB
  { from: "62", to: "62", lengths: UP_TO_19 }, // UnionPay
  { from: "81", to: "81", lengths: UP_TO_19 },
  { from: "5018", to: "5018", lengths: UP_TO_19 }, // Maestro
  { from: "5020", to: "5020", lengths: UP_TO_19 },
  { from: "5038", to: "5038", lengths: UP_TO_19 },
  { from: "5612", to: "5612", lengths: UP_TO_19 },
  { from: "5893", to: "5893", lengths: UP_TO_19 },
  { from: "6304", to: "6304", lengths: UP_TO_19 },
  { from: "6390", to: "6390", lengths: UP_TO_19 },
  { from: "6759", to: "6759", lengths: UP_TO_19 },
  { from: "6761", to: "6763", lengths: UP_TO_19 },
];

export const SHORTEST_PAN = 14;
export const LONGEST_PAN = 19;

/** Whether ASCII digits start and end as some scheme's card numbers do, whatever their check digit. */
export function hasSchemeShape(digits: string): boolean {
  return RANGES.some(({ from, to, lengths }) => {
    if (!lengths.includes(digits.length)) return false;
    const head = digits.slice(0, from.length);
    return head >= from && head <= to;
  });
}

/** The check digit of ISO/IEC 7812-1, annex B, over ASCII digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    sum += place % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return sum % 10 === 0;
}
