const ASCII = /^[\0-\x7f]*$/;
const DIGIT = /\p{Nd}/u;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
/** What a reader does not see: zero-width characters, joiners, soft hyphens, combining marks (keycaps, too), and NUL. */
const INVISIBLE = /[\0\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text with every decimal digit of Unicode as ASCII and nothing invisible in it.
 * NFKC folds full-width, circled, superscript and mathematical digits; the rest (general category Nd) by value.
 */
export function foldDigits(text: string): string {
  // Nearly every text: nothing to fold in it.
  if (ASCII.test(text)) return text.replaceAll("\0", "");
  return text.normalize("NFKC").replace(INVISIBLE, "").replace(OTHER_DIGIT, asciiDigit);
}

/** Unicode encodes the digits of a script as ten neighbours, from zero (The Unicode Standard, 4.6). */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (before < 50 && DIGIT.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}

/** Percent-encoded text, decoded where it decodes; a query string hides separators and digits that way. */
export function decodePercent(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}
