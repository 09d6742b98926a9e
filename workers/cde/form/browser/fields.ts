/** What a person typed, as it is sent: the reading is lenient, the CDE's own check is strict. */
export type FieldName = "number" | "expiry" | "code";

/** A card number without its spaces and hyphens; undefined when it can't be one (ISO/IEC 7812-1: 12 to 19 digits, Luhn). */
export function readNumber(text: string): string | undefined {
  const digits = plain(text).replaceAll(/[\s-]/g, "");
  if (!/^[0-9]{12,19}$/.test(digits)) return undefined;
  let sum = 0;
  for (const [place, digit] of Array.from(digits).toReversed().entries()) {
    const weighted = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0 ? digits : undefined;
}

/** `MM/YY`; read from that, `MMYY`, `MM/YYYY` and their kin, as browsers fill them in. The last day of the month counts. */
export function readExpiry(text: string, today: Date): string | undefined {
  const match = /^(0?[1-9]|1[0-2])\s*[/.-]\s*(?:20)?([0-9]{2})$|^(0[1-9]|1[0-2])(?:20)?([0-9]{2})$/.exec(
    plain(text).trim(),
  );
  const month = (match?.[1] ?? match?.[3])?.padStart(2, "0");
  const year = match?.[2] ?? match?.[4];
  if (month === undefined || year === undefined) return undefined;
  const last = new Date(2000 + Number(year), Number(month), 1);
  return last > today ? `${month}/${year}` : undefined;
}

/** Three digits, or four on American Express. */
export function readCode(text: string): string | undefined {
  const digits = plain(text).trim();
  return /^[0-9]{3,4}$/.test(digits) ? digits : undefined;
}

/** Groups of four, or 4-6-5 on American Express, as printed on the card; for the eye only. */
export function grouped(digits: string): string {
  const groups = /^3[47]/.test(digits) ? /^(.{4})(.{1,6})(.*)$/ : null;
  if (groups === null) return digits.replaceAll(/(.{4})(?=.)/g, "$1 ");
  return digits.replace(groups, "$1 $2 $3").trim();
}

/** Full-width digits, as some keyboards give them, as plain ones. */
const plain = (text: string): string => text.normalize("NFKC");
