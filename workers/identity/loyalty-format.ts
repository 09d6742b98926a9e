import { hasGs1CheckDigit } from "../../protocol/pan/typed.ts";
import { hasSchemeShape, passesLuhn } from "../../protocol/pan/schemes.ts";
import { unreachable } from "../../protocol/result.ts";
import type { LoyaltyFormat } from "../../protocol/rooms/identity.ts";

/** Leading digits that tell every card scheme's range apart (ISO/IEC 7812-1; the longest range has four). */
const SCHEME_DIGITS = 4;
const SHORTEST = 4;
/** The longest number that a cart can send (cart.cddl, identity-body). */
const LONGEST = 32;

/** A loyalty number as it is compared and kept: upper case, no spaces or hyphens; undefined when it can't be one. */
export function parseLoyaltyNumber(text: string): string | undefined {
  const number = text.replaceAll(/[\s-]/g, "").toUpperCase();
  return /^[0-9A-Z]+$/.test(number) && number.length >= SHORTEST && number.length <= LONGEST ? number : undefined;
}

/** Whether a parsed number has a format's prefix, length and check digit. */
export function fitsFormat(format: LoyaltyFormat, number: string): boolean {
  return number.length === format.length && number.startsWith(format.prefix) && passesCheck(format.check, number);
}

/** Why a format can't be registered; undefined when it can. */
export function formatProblem(format: LoyaltyFormat): "invalid" | "overlaps_card_range" | undefined {
  const { retailer, prefix, length, check } = format;
  if (!/^[a-z0-9][a-z0-9-]{1,31}$/.test(retailer)) return "invalid";
  if (!/^[0-9A-Z]{1,16}$/.test(prefix)) return "invalid";
  if (!Number.isInteger(length) || length < SHORTEST || length > LONGEST || length <= prefix.length) return "invalid";
  if (check !== "luhn" && check !== "mod10-gs1" && check !== "none") return "invalid";
  if (check !== "none" && !/^[0-9]+$/.test(prefix)) return "invalid";
  return overlapsCardRange(prefix, length) ? "overlaps_card_range" : undefined;
}

/**
 * Whether some number of this prefix and length lies in a card scheme's range. The check digit is left aside: a tenth
 * of the numbers under any other rule pass the schemes' one.
 */
function overlapsCardRange(prefix: string, length: number): boolean {
  if (!/^[0-9]+$/.test(prefix)) return false;
  const open = Math.max(0, SCHEME_DIGITS - prefix.length);
  for (let next = 0; next < 10 ** open; next += 1) {
    const head = prefix + (open === 0 ? "" : String(next).padStart(open, "0"));
    if (hasSchemeShape(head.padEnd(length, "0").slice(0, length))) return true;
  }
  return false;
}

function passesCheck(check: LoyaltyFormat["check"], number: string): boolean {
  switch (check) {
    case "luhn":
      return /^[0-9]+$/.test(number) && passesLuhn(number);
    case "mod10-gs1":
      return /^[0-9]+$/.test(number) && hasGs1CheckDigit(number);
    case "none":
      return true;
    default:
      return unreachable(check);
  }
}
