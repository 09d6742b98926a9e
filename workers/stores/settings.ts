import { z } from "zod";
import { compileTemplate, findConflict, type CompiledTemplate } from "../../protocol/gtin/template.ts";
import { parseStoreId, type Cell, type StoreId } from "../../protocol/ids.ts";
import { EXPONENT, type Currency } from "../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { StoreSettings } from "../../protocol/rooms/stores.ts";
import { TAX_CLASSES } from "./tax-classes.ts";

export type SettingsReason = "invalid" | "template_conflict";

/** What the cell allows: where a POS may be and whether plain HTTP is enough (on one machine alone). */
export interface SettingsRules {
  readonly cell: Cell;
  /** Host with port, lower case. */
  readonly posHosts: readonly string[];
  readonly plainHttp: boolean;
}

/**
 * What the cart can send (cart.cddl, checkout-body) and the payment rooms take. Any other id would let the terminal
 * take the money and every question about it be refused: a trip that is never paid.
 */
const TERMINAL = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** The cart's display and the receipt's head have this much room. */
const label = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.trim() === text && !/\p{Cc}/u.test(text));

const form = z.strictObject({
  store: z.string().transform((text, context): StoreId => {
    const store = parseStoreId(text);
    if (store === undefined) context.addIssue("not a store id");
    return store ?? (text as StoreId);
  }),
  name: label(60),
  legalName: label(200),
  // A postal address may have lines.
  address: z
    .string()
    .min(1)
    .max(300)
    .refine((text) => !/\p{Cc}/u.test(text.replaceAll("\n", ""))),
  taxId: z
    .string()
    .max(40)
    .refine((text) => !/\p{Cc}/u.test(text)),
  country: z.string().regex(/^[A-Z]{2}$/),
  language: z.string().regex(/^[a-z]{2}$/),
  currency: z.enum(Object.keys(EXPONENT) as [Currency, ...Currency[]]),
  timeZone: z.string().refine(isTimeZone),
  taxIncluded: z.boolean(),
  posUrl: z.string().max(300),
  weightToleranceGrams: z.int().min(0).max(5000),
  terminals: z
    .array(z.string().regex(TERMINAL))
    .max(200)
    .refine((all) => new Set(all).size === all.length),
  barcodeTemplates: z
    .array(z.strictObject({ pattern: z.string().max(13), value: z.enum(["price", "weight"]), verifier: z.boolean() }))
    .max(50),
  minimumAges: z.partialRecord(z.enum(TAX_CLASSES), z.int().min(0).max(99)),
});

/**
 * Checks a store's settings. Prices in the EU contain VAT (Directive 98/6/EC, Art. 2(a)) and in the US they don't,
 * so neither is the store's to choose.
 */
export function checkSettings(input: unknown, rules: SettingsRules): Result<StoreSettings, SettingsReason> {
  const parsed = form.safeParse(input);
  if (!parsed.success) return fail("invalid");
  const settings = parsed.data;
  if (rules.cell === "eu" && (!settings.taxIncluded || settings.country === "US" || settings.taxId === ""))
    return fail("invalid");
  if (settings.country === "US" && settings.taxIncluded) return fail("invalid");
  if (posBase(settings.posUrl, rules) === null) return fail("invalid");
  const templates = compileTemplates(settings);
  if (templates === null) return fail("invalid");
  if (findConflict(templates) !== null) return fail("template_conflict");
  // What is absent in a record comes as a missing key, never as undefined.
  return ok({ ...settings, minimumAges: settings.minimumAges as Readonly<Record<string, number>> });
}

/** Null when one is not a template. */
export function compileTemplates(
  settings: Pick<StoreSettings, "barcodeTemplates" | "currency">,
): readonly CompiledTemplate[] | null {
  const compiled: CompiledTemplate[] = [];
  for (const template of settings.barcodeTemplates) {
    const result = compileTemplate(template, EXPONENT[settings.currency]);
    if (!result.ok) return null;
    compiled.push(result.value);
  }
  return compiled;
}

/** The POS's base URL without a slash at its end, or null when the room may not call it. */
export function posBase(url: string, rules: Pick<SettingsRules, "posHosts" | "plainHttp">): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  const scheme = parsed.protocol === "https:" || (rules.plainHttp && parsed.protocol === "http:");
  const bare = parsed.username === "" && parsed.password === "" && parsed.search === "" && parsed.hash === "";
  if (!scheme || !bare || !rules.posHosts.includes(parsed.host)) return null;
  return parsed.origin + parsed.pathname.replace(/\/+$/, "");
}

/** An IANA name; a bare offset such as `+01:00` knows no summer time. */
function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
