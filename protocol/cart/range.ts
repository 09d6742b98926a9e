/** Byte ranges (RFC 9110, 14): one at a time, which is all that a cart asks for. */

/** Bytes from `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** `whole`: answer 200; a range: 206; `unsatisfiable`: 416. */
export type RangeAnswer = "whole" | "unsatisfiable" | ByteRange;

/** Digits that a position may have: larger than any image, and exact as a number. */
const POSITION = "[0-9]{1,15}";
const INT_RANGE = new RegExp(`^(${POSITION})-(${POSITION})?$`);
const SUFFIX_RANGE = new RegExp(`^-(${POSITION})$`);

/**
 * What a `Range` field asks of a representation.
 *
 * A unit that isn't bytes must be ignored (14.2). A set of several ranges, or one that the grammar does not have, may be
 * rejected (14.2): a cart that asks wrongly is told so in a few bytes, rather than sent a whole image over LTE-M.
 * @param field null when the request has none
 * @param size bytes of the representation, more than 0
 */
export function answerRange(field: string | null, size: number): RangeAnswer {
  if (field === null) return "whole";
  const [unit = "", set, ...more] = field.split("=");
  if (unit.trim().toLowerCase() !== "bytes") return "whole";
  if (set === undefined || more.length > 0) return "unsatisfiable";
  const suffix = SUFFIX_RANGE.exec(set.trim());
  if (suffix !== null) {
    const length = Number(suffix[1]);
    return length === 0 ? "unsatisfiable" : { first: Math.max(0, size - length), last: size - 1 };
  }
  const range = INT_RANGE.exec(set.trim());
  if (range === null) return "unsatisfiable";
  const first = Number(range[1]);
  const last = range[2] === undefined ? size - 1 : Number(range[2]);
  if (last < first && range[2] !== undefined) return "unsatisfiable";
  return first >= size ? "unsatisfiable" : { first, last: Math.min(last, size - 1) };
}

/** `Content-Range` of a part, or of the refusal of a range (RFC 9110, 14.4). */
export function contentRange(range: ByteRange | "unsatisfiable", size: number): string {
  return range === "unsatisfiable" ? `bytes */${size}` : `bytes ${range.first}-${range.last}/${size}`;
}
