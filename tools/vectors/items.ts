import type { CborReason } from "../../protocol/cart/cbor.ts";

/** One item of CBOR, alone; `reason` is empty where it is accepted. */
export interface ItemVector {
  readonly name: string;
  readonly item: string;
  readonly accepted: boolean;
  readonly reason: CborReason | "";
}

type Row = readonly [name: string, item: string, reason: CborReason | ""];

export function itemVectors(): readonly ItemVector[] {
  return ROWS.map(([name, item, reason]) => ({ name, item, accepted: reason === "", reason }));
}

/** Arrays in arrays around a zero. */
const nested = (levels: number): string => `${"81".repeat(levels)}00`;

const ROWS: readonly Row[] = [
  ["nothing", "", "truncated"],
  ["a second item", "0101", "trailing"],
  ["a cut integer", "19ff", "truncated"],
  ["a cut string", "6261", "truncated"],
  ["an array with an item missing", "8201", "truncated"],
  ["an array that claims 2^32 items", "9b0000000100000000", "truncated"],
  ["a byte string that claims 2^53 - 1 bytes", "5b001fffffffffffff", "truncated"],
  ["0 in two bytes", "1800", "not_minimal"],
  ["23 in two bytes", "1817", "not_minimal"],
  ["255 in three bytes", "1900ff", "not_minimal"],
  ["65535 in five bytes", "1a0000ffff", "not_minimal"],
  ["2^32 - 1 in nine bytes", "1b00000000ffffffff", "not_minimal"],
  ["-1 in two bytes", "3800", "not_minimal"],
  ["a length in a needless byte", "580101", "not_minimal"],
  ["an array length in a needless byte", "980101", "not_minimal"],
  ["a map length in a needless byte", "b8010101", "not_minimal"],
  ["2^53", "1b0020000000000000", "range"],
  ["-2^53", "3b001fffffffffffff", "range"],
  ["2^64 - 1", "1bffffffffffffffff", "range"],
  ["an indefinite byte string", "5f4101ff", "indefinite"],
  ["an indefinite text", "7f6161ff", "indefinite"],
  ["an indefinite array", "9f01ff", "indefinite"],
  ["an indefinite map", "bf0101ff", "indefinite"],
  ["a break alone", "ff", "indefinite"],
  ["reserved additional information", "1c", "reserved"],
  ["a half float", "f93c00", "float"],
  ["a single float", "fa3f800000", "float"],
  ["a double float", "fb3ff0000000000000", "float"],
  ["undefined", "f7", "simple"],
  ["simple value 0", "e0", "simple"],
  ["simple value 255", "f8ff", "simple"],
  ["a bignum", "c24101", "tag"],
  ["a date", "c100", "tag"],
  ["tag 18 inside", "81d201", "tag"],
  ["text that is not UTF-8", "61ff", "utf8"],
  ["text with an encoded surrogate", "63eda080", "utf8"],
  ["an overlong slash", "62c0af", "utf8"],
  ["the same key twice", "a201010102", "duplicate_key"],
  ["the same text key twice", "a2616101616102", "duplicate_key"],
  ["keys in falling order", "a202010101", "key_order"],
  ["a negative key before a positive one", "a220010101", "key_order"],
  ["a text key before an integer", "a26161010101", "key_order"],
  ["a boolean key", "a1f500", "key_type"],
  ["a byte string as a key", "a1410100", "key_type"],
  ["depth 9: arrays", nested(9), "depth"],
  ["depth 9: maps", `${"a100".repeat(8)}a0`, "depth"],
  ["depth 8: arrays", nested(8), ""],
  ["0", "00", ""],
  ["23", "17", ""],
  ["24", "1818", ""],
  ["255", "18ff", ""],
  ["256", "190100", ""],
  ["65536", "1a00010000", ""],
  ["2^32", "1b0000000100000000", ""],
  ["2^53 - 1", "1b001fffffffffffff", ""],
  ["-1", "20", ""],
  ["-25", "3818", ""],
  ["-(2^53 - 1)", "3b001ffffffffffffe", ""],
  ["an empty byte string", "40", ""],
  ["an empty text", "60", ""],
  ["text beyond ASCII", "69c3a9e282acf09f9880", ""],
  ["text that starts with a byte order mark", "63efbbbf", ""],
  ["an empty array", "80", ""],
  ["an empty map", "a0", ""],
  ["false, true and null", "83f4f5f6", ""],
  ["keys in order: 10, 256, -1, -70001, text", "a50a001901000020003a0001117000616100", ""],
];
