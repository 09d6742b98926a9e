import { divideHalfUp, priceByWeight } from "../../protocol/money/arithmetic.ts";
import { EXPONENT, type Currency } from "../../protocol/money/money.ts";
import type { ItemAttributes } from "../../protocol/gtin/attributes.ts";
import { isRestricted, type Gtin } from "../../protocol/gtin/gtin.ts";
import { parseScan, type Scan } from "../../protocol/gtin/scan.ts";
import { matchTemplate, type CompiledTemplate } from "../../protocol/gtin/template.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { PricedItem, PriceReason, ScannedCode } from "../../protocol/rooms/stores.ts";
import { CURRENCY_NUMBER } from "./currency-numbers.ts";

export interface Product {
  readonly item: string;
  readonly name: string;
  readonly unitMinor: number;
  readonly measure: "each" | "weight";
  readonly taxClass: string;
  readonly netGrams: number | null;
}

/** What pricing needs of the store. */
export interface PricingStore {
  readonly currency: Currency;
  readonly timeZone: string;
  readonly templates: readonly CompiledTemplate[];
  readonly minimumAges: Readonly<Record<string, number>>;
}

/** A basket is never this heavy; beyond it the scale is wrong. */
const MAX_GRAMS = 100_000;

/** Reads each code once; null for what is no code. */
export function readCodes(codes: readonly ScannedCode[], now: number): readonly (Scan | null)[] {
  const year = new Date(now).getUTCFullYear();
  return codes.map(({ code }) => {
    const scan = parseScan(code, year);
    return scan.ok ? scan.value : null;
  });
}

/**
 * Every catalogue key that a code may stand for. Which part of a restricted number names the item is known only
 * with the store's templates: all its beginnings are asked for, so that one query brings store and products together.
 */
export function catalogueKeys(scan: Scan): string[] {
  if (scan.kind === "plu") return [`plu:${scan.plu}`];
  const { gtin14 } = scan.gtin;
  if (!isRestricted(gtin14)) return [gtin14];
  const symbol = gtin14.startsWith("000000") ? gtin14.slice(6) : gtin14.slice(gtin14.startsWith("00") ? 2 : 1);
  const beginnings = Array.from({ length: symbol.length - 3 }, (_, index) => `rcn:${symbol.slice(0, index + 2)}`);
  return [gtin14, ...beginnings];
}

/**
 * What a scanned code costs in this store.
 * @param find the store's product under a catalogue key
 */
export function priceOf(
  scan: Scan | null,
  scaleGrams: number | null,
  store: PricingStore,
  find: (item: string) => Product | undefined,
  now: number,
): Result<PricedItem, PriceReason> {
  if (scan === null) return fail("bad_code");
  if (scan.kind === "plu") return atCataloguePrice(find(`plu:${scan.plu}`), null, scaleGrams, 1, store);
  const { gtin, attributes } = scan;
  // Sold on the day that is printed, not after it (AI 17).
  if (attributes.expiry !== null && attributes.expiry < localDate(now, store.timeZone)) return fail("expired");
  const embedded = isRestricted(gtin.gtin14) ? byTemplate(gtin, store, find) : null;
  if (embedded !== null) return embedded;
  const product = find(gtin.gtin14);
  if (attributes.price !== null) {
    const minor = labelPrice(attributes.price, store.currency);
    return minor === null ? fail("bad_code") : atLabelPrice(product, minor, attributes.netGrams, store);
  }
  return atCataloguePrice(product, attributes.netGrams, scaleGrams, attributes.count ?? 1, store);
}

/** Null when no template of the store fits. */
function byTemplate(
  gtin: Gtin,
  store: PricingStore,
  find: (item: string) => Product | undefined,
): Result<PricedItem, PriceReason> | null {
  const matched = matchTemplate(store.templates, gtin);
  if (matched === null) return null;
  if (!matched.ok) return fail("bad_code");
  const value = matched.value;
  const product = find(`rcn:${value.item}`);
  return value.kind === "price"
    ? atLabelPrice(product, value.minor, null, store)
    : atCataloguePrice(product, value.grams, null, 1, store);
}

/** The label's own price stands; what the piece should weigh follows from the price of a kilogram. */
function atLabelPrice(
  product: Product | undefined,
  minor: number,
  labelGrams: number | null,
  store: PricingStore,
): Result<PricedItem, PriceReason> {
  if (product === undefined) return fail("unknown_item");
  const derived =
    product.measure === "weight" && product.unitMinor > 0
      ? divideHalfUp(BigInt(minor) * 1000n, BigInt(product.unitMinor))
      : product.netGrams;
  return ok({
    item: product.item,
    name: product.name,
    unitMinor: minor,
    measure: "each",
    grams: null,
    lineMinor: minor,
    taxClass: product.taxClass,
    netGrams: labelGrams ?? derived,
    minimumAge: store.minimumAges[product.taxClass] ?? 0,
    origin: "embedded",
  });
}

/** @param count pieces in a pack of variable count: the pack is the unit that is sold. */
function atCataloguePrice(
  product: Product | undefined,
  labelGrams: number | null,
  scaleGrams: number | null,
  count: number,
  store: PricingStore,
): Result<PricedItem, PriceReason> {
  if (product === undefined) return fail("unknown_item");
  const { item, name, taxClass } = product;
  const common = { item, name, taxClass, minimumAge: store.minimumAges[taxClass] ?? 0, origin: "master" as const };
  if (product.measure === "each") {
    const unitMinor = product.unitMinor * count;
    if (!Number.isSafeInteger(unitMinor)) return fail("bad_code");
    const netGrams = labelGrams ?? (product.netGrams === null ? null : product.netGrams * count);
    return ok({ ...common, unitMinor, measure: "each", grams: null, lineMinor: unitMinor, netGrams });
  }
  const grams = labelGrams ?? scaleGrams;
  if (grams === null || !Number.isInteger(grams) || grams <= 0 || grams > MAX_GRAMS) return fail("weight_needed");
  const lineMinor = priceByWeight(product.unitMinor, grams);
  return ok({ ...common, unitMinor: product.unitMinor, measure: "weight", grams, lineMinor, netGrams: labelGrams });
}

/** AI 392n and 393n in minor units; null for another currency, or one that is finer than the store's. */
function labelPrice(price: NonNullable<ItemAttributes["price"]>, currency: Currency): number | null {
  if (price.currencyNumber !== null && price.currencyNumber !== CURRENCY_NUMBER[currency]) return null;
  const scaled = BigInt(price.amount) * 10n ** BigInt(EXPONENT[currency]);
  const divisor = 10n ** BigInt(price.decimals);
  const minor = Number(scaled / divisor);
  return scaled % divisor === 0n && minor > 0 && Number.isSafeInteger(minor) ? minor : null;
}

/** `YYYY-MM-DD` where the store is. */
export function localDate(now: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}
