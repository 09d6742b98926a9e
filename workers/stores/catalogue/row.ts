import { isVariableMeasure, parseGtin } from "../../../protocol/gtin/gtin.ts";
import type { Currency } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { isTaxClass, type TaxClass } from "../tax-classes.ts";
import { cleanName, type NameReason } from "./product-name.ts";

export const COLUMNS = ["gtin", "name", "price_minor", "currency", "tax_class", "net_weight_g"] as const;

/** A row of the catalogue, ready to be stored. */
export interface CatalogueRow {
  readonly item: string;
  readonly name: string;
  readonly unitMinor: number;
  readonly currency: Currency;
  readonly measure: "each" | "weight";
  readonly taxClass: TaxClass;
  readonly netGrams: number | null;
}

export type RowReason =
  | NameReason
  | "wrong_number_of_fields"
  | "bad_gtin"
  | "bad_check_digit"
  | "duplicate_gtin"
  | "bad_price"
  | "wrong_currency"
  | "unknown_tax_class"
  | "bad_weight"
  | "too_long"
  | "bad_quotes";

/** Ten million units of a two-digit currency; nothing in a shop costs more. */
const MAX_PRICE = 1_000_000_000;
const MAX_GRAMS = 1_000_000;
const MAX_FIELD = 64;

/** Checks one row. Sold by the kilogram are `plu:` without a net weight, `rcn:` and GTINs of variable measure. */
export function readRow(fields: readonly string[], currency: Currency): Result<CatalogueRow, RowReason> {
  if (fields.length !== COLUMNS.length) return fail("wrong_number_of_fields");
  const [code = "", rawName = "", price = "", rowCurrency = "", taxClass = "", weight = ""] = fields;
  if ([code, price, rowCurrency, taxClass, weight].some((field) => field.length > MAX_FIELD)) return fail("too_long");
  const item = readItem(code.trim());
  if (!item.ok) return item;
  const name = cleanName(rawName);
  if (!name.ok) return name;
  const unitMinor = readInteger(price.trim(), MAX_PRICE);
  if (unitMinor === null) return fail("bad_price");
  if (rowCurrency.trim() !== currency) return fail("wrong_currency");
  if (!isTaxClass(taxClass.trim())) return fail("unknown_tax_class");
  const netGrams = weight.trim() === "" ? null : readInteger(weight.trim(), MAX_GRAMS);
  if (weight.trim() !== "" && netGrams === null) return fail("bad_weight");
  const byWeight =
    item.value.startsWith("rcn:") ||
    (item.value.startsWith("plu:") ? netGrams === null : isVariableMeasure(item.value));
  return ok({
    item: item.value,
    name: name.value,
    unitMinor,
    currency,
    measure: byWeight ? "weight" : "each",
    taxClass: taxClass.trim() as TaxClass,
    netGrams: netGrams === 0 ? null : netGrams,
  });
}

/** The catalogue's key: `plu:4011`, `rcn:2112345` (a template's prefix and item), or any GTIN as 14 digits. */
function readItem(code: string): Result<string, RowReason> {
  if (/^(?:plu:[1-9][0-9]{3,4}|rcn:[024][0-9]{1,11})$/.test(code)) return ok(code);
  const gtin = parseGtin(code);
  if (gtin.ok) return ok(gtin.value.gtin14);
  return fail(gtin.reason === "check_digit" ? "bad_check_digit" : "bad_gtin");
}

/** Null for anything but a plain integer from 0 to `max`: a sign, a fraction, an exponent. */
function readInteger(text: string, max: number): number | null {
  if (!/^[0-9]{1,12}$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}
