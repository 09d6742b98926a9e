import { fail, ok, type Result } from "../result.ts";
import { NO_ATTRIBUTES, readAttributes, type AttributesReason, type ItemAttributes } from "./attributes.ts";
import { parseDigitalLink } from "./digital-link.ts";
import { GS, parseElementString, type ElementReason } from "./element-string.ts";
import { parseGtin, type Gtin, type GtinReason } from "./gtin.ts";

/** What a scanner read, understood. */
export type Scan =
  | { readonly kind: "gtin"; readonly gtin: Gtin; readonly attributes: ItemAttributes }
  /** A price look-up number of loose produce, 4 or 5 digits, e.g. 4011 or 94011. */
  | { readonly kind: "plu"; readonly plu: string };

export type ScanReason =
  | "empty"
  | "too_long"
  | "control_character"
  | "not_a_link"
  | GtinReason
  | ElementReason
  | AttributesReason;

const MAX_LENGTH = 512;
/** Symbology identifiers (ISO/IEC 15424) of symbols that carry an element string: GS1-128, DataBar, DataMatrix, QR, DotCode. */
const GS1_SYMBOLS = /^\](?:C1|e0|d2|Q3|J1)/;
/** Of EAN and UPC symbols, which carry a number alone. */
const EAN_SYMBOLS = /^\]E[04]/;

/**
 * Reads a scanned or keyed code: a GTIN of any length, a PLU, a GS1 element string or a GS1 Digital Link.
 * @param year the current year, for two-digit dates
 */
export function parseScan(code: string, year: number): Result<Scan, ScanReason> {
  if (code === "") return fail("empty");
  if (code.length > MAX_LENGTH) return fail("too_long");
  if (/\p{Cc}/u.test(code.replaceAll(GS, ""))) return fail("control_character");
  if (/^https?:/i.test(code)) return fromElements(parseDigitalLink(code), year);
  if (GS1_SYMBOLS.test(code)) {
    const carried = withoutFnc1(code.replace(GS1_SYMBOLS, ""));
    return /^https?:/i.test(carried)
      ? fromElements(parseDigitalLink(carried), year)
      : fromElements(parseElementString(carried), year);
  }
  const bare = code.replace(EAN_SYMBOLS, "");
  if (bare.includes(GS) || /^01[0-9]{14}/.test(bare)) return fromElements(parseElementString(withoutFnc1(bare)), year);
  if (/^[0-9]{4,5}$/.test(bare)) return readPlu(bare);
  const gtin = parseGtin(bare);
  return gtin.ok ? ok({ kind: "gtin", gtin: gtin.value, attributes: NO_ATTRIBUTES }) : gtin;
}

function withoutFnc1(text: string): string {
  return text.startsWith(GS) ? text.slice(1) : text;
}

/** A five-digit PLU that begins with 0 is the four-digit one: conventionally grown (IFPS). */
function readPlu(digits: string): Result<Scan, ScanReason> {
  const plu = digits.length === 5 ? digits.replace(/^0/, "") : digits;
  return Number(plu) === 0 ? fail("value") : ok({ kind: "plu", plu });
}

function fromElements(
  elements: Result<ReadonlyMap<string, string>, ScanReason>,
  year: number,
): Result<Scan, ScanReason> {
  if (!elements.ok) return elements;
  if (elements.value.size === 0) return fail("empty");
  const read = readAttributes(elements.value, year);
  return read.ok ? ok({ kind: "gtin", ...read.value }) : read;
}
