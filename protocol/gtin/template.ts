import { fail, ok, type Result } from "../result.ts";
import type { Gtin } from "./gtin.ts";
import { priceVerifier } from "./price-verifier.ts";

/**
 * How one store writes price or weight into its restricted-circulation numbers. The pattern has one character a
 * digit of the symbol (8, 12 or 13):
 *
 *     0-9  this very digit; leads the pattern and makes it a restricted number (see `isRestricted`)
 *     i    a digit of the store's item number
 *     n    a digit of the value before its decimal point: units of the currency, or kilograms
 *     d    a digit of the value after it
 *     p    the price verifier digit of n and d (four or five of them)
 *     x    a digit that means nothing to us, such as a reserved zero
 *     c    the GS1 check digit; ends the pattern
 *
 * Example: `21iiiiinndddc` is a weight in kilograms: 2112345015002 is item 12345, 1.500 kg.
 */
export interface BarcodeTemplate {
  readonly pattern: string;
  readonly value: "price" | "weight";
  /** Whether `p` is checked; GS1 says "should", so some scales print another digit there. */
  readonly verifier: boolean;
}

export type TemplateReason = "length" | "form" | "not_restricted" | "value" | "verifier";

/** A template that has been checked, against the 14-digit form: characters and places. */
export interface CompiledTemplate {
  readonly value: "price" | "weight";
  /** The pattern, padded with zeros on the left to 14 characters. */
  readonly form: string;
  readonly digits: number;
  readonly prefix: string;
  readonly item: readonly [start: number, end: number];
  readonly measure: readonly [start: number, end: number];
  /** The number that the value's digits are multiplied by to give minor units or grams. */
  readonly scale: number;
  readonly verifierAt: number | null;
}

/** What a variable-measure number says: the store's item number and a price (minor units) or a weight. */
export type Embedded =
  | { readonly item: string; readonly kind: "price"; readonly minor: number }
  | { readonly item: string; readonly kind: "weight"; readonly grams: number };

const GRAMS_EXPONENT = 3;
const RESTRICTED: Readonly<Record<number, RegExp>> = { 8: /^[02]/, 12: /^[24]/, 13: /^2/ };

/** Checks a template. `exponent` is the store's currency's: a price can't be finer than a minor unit. */
export function compileTemplate(template: BarcodeTemplate, exponent: number): Result<CompiledTemplate, TemplateReason> {
  const { value } = template;
  if (![8, 12, 13].includes(template.pattern.length)) return fail("length");
  // A UPC-A is a 13-digit number with a zero before it, however it is written down or passed on by a scanner.
  const pattern = /^0.{12}$/.test(template.pattern) ? template.pattern.slice(1) : template.pattern;
  const prefix = /^[0-9]*/.exec(pattern)?.[0] ?? "";
  const body = pattern.slice(prefix.length);
  // Runs may come in any order and each at most once; item and value must be there.
  if (!/^[indpx]+c$/.test(body) || runs(body, /i+/g) !== 1 || runs(body, /[nd]+/g) !== 1 || runs(body, /p/g) > 1)
    return fail("form");
  if (/dn/.test(body)) return fail("form");
  if (!RESTRICTED[pattern.length]?.test(prefix)) return fail("not_restricted");
  const form = pattern.padStart(14, "0");
  const measure = span(form, /[nd]+/);
  const decimals = body.replaceAll(/[^d]/g, "").length;
  const spare = (value === "price" ? exponent : GRAMS_EXPONENT) - decimals;
  if (spare < 0) return fail("value");
  const verifierAt = form.indexOf("p");
  if (template.verifier && (verifierAt < 0 || value !== "price" || ![4, 5].includes(measure[1] - measure[0])))
    return fail("verifier");
  return ok({
    value,
    form,
    digits: pattern.length,
    prefix,
    item: span(form, /i+/),
    measure,
    scale: 10 ** spare,
    verifierAt: template.verifier ? verifierAt : null,
  });
}

/**
 * The first pair that can't both stand, or null. A special template before a general one is fine (first match wins);
 * refused is one that an earlier one hides altogether, and two of different symbols that name items alike.
 */
export function findConflict(
  templates: readonly CompiledTemplate[],
): { readonly first: number; readonly second: number } | null {
  for (const [second, later] of templates.entries())
    for (const [first, earlier] of templates.slice(0, second).entries())
      if (hides(earlier, later) || sameItems(earlier, later)) return { first, second };
  return null;
}

/** Reads a number by the first template that it fits; null when none does. */
export function matchTemplate(
  templates: readonly CompiledTemplate[],
  gtin: Pick<Gtin, "gtin14">,
): Result<Embedded, "verifier" | "value"> | null {
  const template = templates.find((each) => each.digits === symbolDigits(gtin.gtin14) && fits(each.form, gtin.gtin14));
  if (template === undefined) return null;
  const digits = gtin.gtin14.slice(...template.measure);
  if (template.verifierAt !== null && priceVerifier(digits) !== gtin.gtin14[template.verifierAt])
    return fail("verifier");
  const amount = Number(digits) * template.scale;
  if (amount === 0) return fail("value");
  const item = template.prefix + gtin.gtin14.slice(...template.item);
  return ok(
    template.value === "price" ? { item, kind: "price", minor: amount } : { item, kind: "weight", grams: amount },
  );
}

function symbolDigits(gtin14: string): 8 | 12 | 13 {
  if (gtin14.startsWith("000000")) return 8;
  return gtin14.startsWith("00") ? 12 : 13;
}

function fits(form: string, gtin14: string): boolean {
  const literal = /^[0-9]*/.exec(form)?.[0] ?? form;
  return gtin14.startsWith(literal);
}

function hides(earlier: CompiledTemplate, later: CompiledTemplate): boolean {
  return earlier.digits === later.digits && later.prefix.startsWith(earlier.prefix);
}

/** Item numbers of two symbols that read alike would be one product in the catalogue. */
function sameItems(one: CompiledTemplate, other: CompiledTemplate): boolean {
  const nested = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  return one.digits !== other.digits && nested && keyLength(one) === keyLength(other);
}

function keyLength(template: CompiledTemplate): number {
  return template.prefix.length + template.item[1] - template.item[0];
}

function runs(text: string, run: RegExp): number {
  return text.match(run)?.length ?? 0;
}

function span(form: string, run: RegExp): readonly [number, number] {
  const found = run.exec(form);
  return found === null ? [0, 0] : [found.index, found.index + found[0].length];
}
