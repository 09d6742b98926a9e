import { and, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { StoreId } from "../../protocol/ids.ts";
import type { StoreFacts, StoreSettings } from "../../protocol/rooms/stores.ts";
import type { Product } from "./prices.ts";
import { products, sales, stores } from "./schema.ts";

export async function readStore(database: DrizzleD1Database, store: StoreId): Promise<StoreSettings | undefined> {
  return database.select().from(stores).where(eq(stores.store, store)).get();
}

/** @returns false when the currency would change although something has been sold */
export async function writeStore(database: DrizzleD1Database, settings: StoreSettings): Promise<boolean> {
  const { store, ...rest } = settings;
  const result = await database
    .insert(stores)
    .values(settings)
    .onConflictDoUpdate({
      target: stores.store,
      set: rest,
      setWhere: sql`${stores.currency} = ${settings.currency} or not exists (select 1 from ${sales} where ${sales.store} = ${store})`,
    });
  return result.meta.changes === 1;
}

/**
 * A store and those of its products that the keys name, in one round trip: a price and the settings that it is read
 * with belong to one moment. Products priced in another currency than the store's are not there.
 */
export async function readStoreAndProducts(
  database: DrizzleD1Database,
  store: StoreId,
  keys: readonly string[],
): Promise<{ readonly store: StoreSettings | undefined; readonly products: ReadonlyMap<string, Product> }> {
  const [[settings], found] = await database.batch([
    database.select().from(stores).where(eq(stores.store, store)),
    database
      .select({
        item: products.item,
        name: products.name,
        unitMinor: products.unitMinor,
        measure: products.measure,
        taxClass: products.taxClass,
        netGrams: products.netGrams,
      })
      .from(products)
      .innerJoin(stores, and(eq(stores.store, products.store), eq(stores.currency, products.currency)))
      .where(
        and(eq(products.store, store), sql`${products.item} in (select value from json_each(${JSON.stringify(keys)}))`),
      ),
  ]);
  return { store: settings, products: new Map(found.map((product) => [product.item, product])) };
}

export function factsOf(settings: StoreSettings): StoreFacts {
  const { store, name, currency, taxIncluded, timeZone, weightToleranceGrams, terminals } = settings;
  return { store, name, currency, taxIncluded, timeZone, weightToleranceGrams, terminals };
}
