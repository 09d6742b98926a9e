import { decodedRuns } from "./encoded.ts";
import { decodePercent, foldDigits } from "./fold.ts";
import { LONGEST_PAN, SHORTEST_PAN, hasSchemeShape, passesLuhn } from "./schemes.ts";

/** What an incident may say about the number: PCI DSS 3.4.1 shows at most these. */
export interface PanHit {
  readonly first6: string;
  readonly last4: string;
}

/** Whole identifiers of ours that hold digits by chance: UUIDs and hex digests, the latter with a letter in them. */
const IDENTIFIER =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}))(?![0-9a-z])/gi;
/** Digits in groups, up to three separators between two (` - `). */
const CHAIN = /[0-9]+(?:[\s\p{Pd}\u2212./\\_+·•]{1,3}[0-9]+)*/gu;
/** Fourteen, whatever stands between them. */
const ENOUGH_DIGITS = /(?:[0-9][^0-9]*){14}/;
const GROUP = /[0-9]+/g;
/** How cards are printed and typed; only these are looked for inside a longer row of groups. */
const GROUPINGS: readonly (readonly number[])[] = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 2],
  [4, 4, 4, 3],
  [4, 4, 4, 4, 1],
  [4, 4, 4, 4, 2],
  [4, 4, 4, 4, 3],
  [5, 5, 5],
  [5, 5, 6],
  [4, 4, 8],
  [4, 8, 4],
  [8, 8],
  [4, 12],
  [6, 10],
  [6, 4, 6],
  [6, 6, 4],
  [6, 13],
  [8, 11],
];

/**
 * The first card number in free text: an issuer's range, its length and the check digit, after Unicode digits and
 * separators are folded; in base64 as well, decoded once. A run of digits counts as a whole, so 20 digits and more in
 * one run hold no card.
 * @param text anything from outside: a loyalty number, a note, a header, a query string, a cell of a file
 * @returns first six and last four digits, or null. Linear in the text's length.
 */
export function looksLikePan(text: string): PanHit | null {
  if (text.length < SHORTEST_PAN) return null;
  const hit = searchDecoded(text);
  if (hit !== null || !text.includes("%")) return hit;
  return searchDecoded(decodePercent(text));
}

function searchDecoded(text: string): PanHit | null {
  const hit = search(text);
  if (hit !== null) return hit;
  for (const decoded of decodedRuns(text)) {
    const inside = search(decoded);
    if (inside !== null) return inside;
  }
  return null;
}

/** The same of a number: one that a JSON parser rounded (beyond 2^53) has lost its check digit, so its shape decides. */
export function numberLooksLikePan(value: number | bigint): PanHit | null {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const digits = BigInt(Math.abs(value)).toString();
    return hasSchemeShape(digits) ? hitOf(digits) : null;
  }
  return looksLikePan(String(value));
}

function search(text: string): PanHit | null {
  const folded = foldDigits(text);
  if (!ENOUGH_DIGITS.test(folded)) return null;
  for (const [chain] of folded.replace(IDENTIFIER, "\uFFFC").matchAll(CHAIN)) {
    if (chain.length < SHORTEST_PAN) continue;
    const found = candidates(chain).find((digits) => hasSchemeShape(digits) && passesLuhn(digits));
    if (found !== undefined) return hitOf(found);
  }
  return null;
}

/** The readings of a row of digit groups that could be one number: whole runs, never a part of a run. */
function candidates(chain: string): string[] {
  const groups = chain.match(GROUP) ?? [];
  const gaps = chain.split(GROUP).slice(1, -1);
  const readings = groups.filter((group) => group.length >= SHORTEST_PAN);
  // In any grouping at all: the whole row, the row before an expiry date, each stretch with one kind of separator.
  readings.push(join(groups, 0, groups.length), join(groups, 0, groups.length - expiryLength(groups)));
  for (let first = 0; first < gaps.length;) {
    let next = first + 1;
    while (next < gaps.length && gaps[next] === gaps[first]) next += 1;
    readings.push(join(groups, first, next + 1));
    first = next;
  }
  for (let from = 0; from < groups.length; from += 1)
    for (const grouping of GROUPINGS)
      if (grouping.every((size, place) => groups[from + place]?.length === size))
        readings.push(join(groups, from, from + grouping.length));
  return readings.filter((digits) => digits.length >= SHORTEST_PAN && digits.length <= LONGEST_PAN);
}

/** How many groups at the end are a month, a year and perhaps a security code. */
function expiryLength(groups: readonly string[]): number {
  const end = groups.slice(-3);
  const endsIn = (form: RegExp, count: number) => form.test(end.slice(-count).join(" "));
  if (endsIn(/^(?:0[1-9]|1[0-2]) (?:\d{2}|20\d{2}) \d{3,4}$/, 3)) return 3;
  return endsIn(/^(?:0[1-9]|1[0-2]) (?:\d{2}|20\d{2})$/, 2) ? 2 : 0;
}

/** More than nineteen groups are more than nineteen digits, so no card; not joining them keeps the work linear. */
function join(groups: readonly string[], from: number, to: number): string {
  return to - from > LONGEST_PAN ? "" : groups.slice(from, to).join("");
}

function hitOf(digits: string): PanHit {
  return { first6: digits.slice(0, 6), last4: digits.slice(-4) };
}
