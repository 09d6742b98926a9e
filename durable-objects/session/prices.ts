import type { CartEvent } from "../../protocol/cart/messages.ts";
import type { StoreId } from "../../protocol/ids.ts";
import { ok, type Result } from "../../protocol/result.ts";
import type { PricedItem, PriceReason, ScannedCode, StoresForSessions } from "../../protocol/rooms/stores.ts";
import type { PricedEvent } from "./events.ts";

/** A price is as fresh as the isolate's copy: a minute at most. The store's POS has the last word at checkout. */
const KEEP_MS = 60_000;
/** Two large stores' daily sellers; the oldest goes first. */
const KEEP_CODES = 20_000;

type Price = Result<PricedItem, PriceReason>;

/** Prices that this isolate has asked for lately, shared by all sessions in it. Weighed goods are always asked. */
export class PriceCache {
  readonly #kept = new Map<string, { readonly price: Price; readonly until: number }>();

  get(store: StoreId, scan: ScannedCode, now: number): Price | undefined {
    if (scan.grams !== null) return undefined;
    const kept = this.#kept.get(`${store} ${scan.code}`);
    return kept !== undefined && kept.until > now ? kept.price : undefined;
  }

  set(store: StoreId, scan: ScannedCode, price: Price, now: number): void {
    // An unknown code may be put into the catalogue the next moment: only what was found is kept.
    if (scan.grams !== null || !price.ok) return;
    const key = `${store} ${scan.code}`;
    this.#kept.delete(key);
    this.#kept.set(key, { price, until: now + KEEP_MS });
    if (this.#kept.size > KEEP_CODES) this.#kept.delete(this.#kept.keys().next().value ?? "");
  }
}

/** Puts the store's price to each scan; one call to the stores room for all that the cache lacks. */
export async function priced(
  events: readonly CartEvent[],
  store: StoreId,
  stores: StoresForSessions,
  cache: PriceCache,
  now: number,
): Promise<Result<readonly PricedEvent[], "unavailable">> {
  const scans = events.filter((event) => event.kind === "scan");
  const prices = new Map<CartEvent, Price>();
  const missing: Extract<CartEvent, { kind: "scan" }>[] = [];
  for (const scan of scans) {
    const known = cache.get(store, scan, now);
    if (known === undefined) missing.push(scan);
    else prices.set(scan, known);
  }
  if (missing.length > 0) {
    const codes = missing.map(({ code, grams }) => ({ code, grams }));
    const asked = await stores.prices(store, codes);
    if (!asked.ok) return asked;
    missing.forEach((scan, i) => {
      const price: Price = asked.value[i] ?? { ok: false, reason: "unknown_item" };
      prices.set(scan, price);
      cache.set(store, scan, price, now);
    });
  }
  return ok(
    events.map((event): PricedEvent =>
      event.kind === "scan" ? { event, price: prices.get(event) ?? { ok: false, reason: "unknown_item" } } : { event },
    ),
  );
}
