import { fail, ok, type Result } from "../result.ts";
import { formatOf, predefinedLength } from "./application-identifiers.ts";

export type ElementReason = "unknown_ai" | "ai_value" | "duplicate_ai";

/** FNC1 as scanners pass it on: ASCII 29. */
export const GS = "\x1d";

/**
 * Splits a GS1 element string (General Specifications 7.8): an identifier with its value, those of no predefined
 * length ended by FNC1 or the end. A symbology identifier and a leading FNC1 must have been taken off.
 */
export function parseElementString(text: string): Result<ReadonlyMap<string, string>, ElementReason> {
  const elements = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const format = formatOf(rest);
    if (format === null) return fail("unknown_ai");
    const separator = rest.indexOf(GS);
    const end = predefinedLength(rest) ?? (separator < 0 ? rest.length : separator);
    const value = rest.slice(format.ai.length, end);
    if (!format.value.test(value)) return fail("ai_value");
    if (elements.has(format.ai)) return fail("duplicate_ai");
    elements.set(format.ai, value);
    rest = rest.slice(end);
    // A separator after a value of predefined length is not needed but allowed.
    if (rest.startsWith(GS)) rest = rest.slice(1);
  }
  return ok(elements);
}
