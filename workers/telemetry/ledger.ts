import type { Cell, StoreId } from "../../protocol/ids.ts";
import { type Currency, parseCurrency } from "../../protocol/money/money.ts";
import type { DailyRollup } from "../../protocol/rooms/telemetry.ts";
import { and, desc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { DayShare } from "./roll-up.ts";
import { daily, segments, takings } from "./schema.ts";

export async function isCounted(database: D1Database, key: string): Promise<boolean> {
  return (await drizzle(database).select({ key: segments.key }).from(segments).where(eq(segments.key, key))).length > 0;
}

/**
 * Counts a segment once: each sum is added only while its key is not there, and the key is written last, all in one
 * transaction (a D1 batch). Of two deliveries at once, the later one adds nothing.
 */
export async function countOnce(
  database: D1Database,
  segment: { readonly key: string; readonly object: string; readonly day: string; readonly store: StoreId },
  days: ReadonlyMap<string, DayShare>,
): Promise<void> {
  const { key, object, day: firstDay, store } = segment;
  const sums = [...days].flatMap(([day, { counts, takings }]) => [
    database
      .prepare(ADD_COUNTS)
      .bind(
        store,
        day,
        counts.trips,
        counts.scans,
        counts.removals,
        counts.holds,
        counts.faults,
        counts.abandoned,
        counts.walkedOut,
        key,
      ),
    ...[...takings].map(([currency, { minor, trips }]) =>
      database.prepare(ADD_TAKINGS).bind(store, day, currency, minor, trips, key),
    ),
  ]);
  const mark = database
    .prepare("INSERT INTO segments (key, object, day) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING")
    .bind(key, object, firstDay);
  await database.batch([...sums, mark]);
}

/** A store's day, or null when nothing happened. `currency` is the cell's where the day took no money. */
export async function readDay(
  database: D1Database,
  cell: Cell,
  store: StoreId,
  day: string,
): Promise<DailyRollup | null> {
  const db = drizzle(database);
  const [[counts], [money]] = await db.batch([
    db
      .select()
      .from(daily)
      .where(and(eq(daily.store, store), eq(daily.day, day))),
    db
      .select()
      .from(takings)
      .where(and(eq(takings.store, store), eq(takings.day, day)))
      .orderBy(desc(takings.minor))
      .limit(1),
  ]);
  if (counts === undefined) return null;
  const currency = (money && parseCurrency(money.currency)) ?? CELL_CURRENCY[cell];
  return { ...counts, store, revenueMinor: money?.minor ?? 0, currency };
}

const CELL_CURRENCY: Readonly<Record<Cell, Currency>> = { us: "USD", eu: "EUR" };

// Raw SQL: the guard needs INSERT … SELECT … WHERE … ON CONFLICT, which the query builder does not make.
const ADD_COUNTS = `
INSERT INTO daily (store, day, trips, scans, removals, holds, faults, abandoned, walked_out)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM segments WHERE key = ?10)
ON CONFLICT (store, day) DO UPDATE SET
  trips = trips + excluded.trips, scans = scans + excluded.scans, removals = removals + excluded.removals,
  holds = holds + excluded.holds, faults = faults + excluded.faults, abandoned = abandoned + excluded.abandoned,
  walked_out = walked_out + excluded.walked_out`;
const ADD_TAKINGS = `
INSERT INTO takings (store, day, currency, minor, trips)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM segments WHERE key = ?6)
ON CONFLICT (store, day, currency) DO UPDATE SET minor = minor + excluded.minor, trips = trips + excluded.trips`;
