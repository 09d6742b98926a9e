import type { Purged } from "../../protocol/rooms/retention.ts";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { LEAST_GROUP } from "../../protocol/retention/policy.ts";
import { inBucket } from "./store-failure.ts";

/** Segments of one call: R2 removes a thousand objects at once, and a call has a bounded time. */
const SEGMENTS_A_CALL = 1_000;

/**
 * Carries out one rule of the policy for Tier 1.
 * @throws RangeError for a class that is not this room's
 */
export async function purge(database: D1Database, bucket: R2Bucket, purgeClass: string, now: number): Promise<Purged> {
  const cutoff = cutoffOf(timedRule(purgeClass).term, now);
  switch (purgeClass) {
    case "segments":
      return purgeSegments(database, bucket, dayOf(cutoff));
    case "daily":
      return aggregate(database, monthOf(cutoff));
    case "monthly":
      return purgeMonthly(database, monthOf(cutoff));
    default:
      throw new RangeError(`${purgeClass} is not telemetry's`);
  }
}

/** The object first, its row then: a call that broke off finds the row again, and removing a gone object is nothing. */
async function purgeSegments(database: D1Database, bucket: R2Bucket, before: string): Promise<Purged> {
  const { results } = await database
    .prepare("SELECT key, object FROM segments WHERE day < ? ORDER BY day LIMIT ?")
    .bind(before, SEGMENTS_A_CALL)
    .all<{ key: string; object: string }>();
  if (results.length > 0) await inBucket(() => bucket.delete(results.map(({ object }) => object)));
  const keys = JSON.stringify(results.map(({ key }) => key));
  await database.prepare("DELETE FROM segments WHERE key IN (SELECT value FROM json_each(?))").bind(keys).run();
  return {
    class: "segments",
    purged: results.length,
    ...(await leftOf(database, "segments", "day", before, startOfDay)),
  };
}

/**
 * Whole months that are over long enough become one row a store, and one a currency of what it took; a month of fewer
 * than ten sessions in a store is dropped, and so are takings of fewer than ten closed trips, as so few could be told
 * apart. One transaction: no day is in both, and none in neither. A day that a late
 * delivery brings back is a month of its own, added when it has ten sessions by itself.
 */
async function aggregate(database: D1Database, before: string): Promise<Purged> {
  const results = await database.batch([
    database.prepare(MONTHLY_TAKINGS).bind(before, LEAST_GROUP),
    database.prepare(MONTHLY).bind(before, LEAST_GROUP),
    database.prepare("DELETE FROM takings WHERE substr(day, 1, 7) < ?").bind(before),
    database.prepare("DELETE FROM daily WHERE substr(day, 1, 7) < ?").bind(before),
  ]);
  const left = await leftOf(database, "daily", "substr(day, 1, 7)", before, startOfMonth);
  return { class: "daily", purged: results[3]?.meta.changes ?? 0, ...left };
}

async function purgeMonthly(database: D1Database, before: string): Promise<Purged> {
  const results = await database.batch([
    database.prepare("DELETE FROM monthly_takings WHERE month < ?").bind(before),
    database.prepare("DELETE FROM monthly WHERE month < ?").bind(before),
  ]);
  const left = await leftOf(database, "monthly", "month", before, startOfMonth);
  return { class: "monthly", purged: results[1]?.meta.changes ?? 0, ...left };
}

async function leftOf(
  database: D1Database,
  table: "segments" | "daily" | "monthly",
  moment: "day" | "month" | "substr(day, 1, 7)",
  before: string,
  time: (moment: string) => number,
): Promise<Pick<Purged, "overdueLeft" | "oldestLeft">> {
  const row = await database
    .prepare(`SELECT count(CASE WHEN ${moment} < ? THEN 1 END) AS overdue, min(${moment}) AS oldest FROM ${table}`)
    .bind(before)
    .first<{ overdue: number; oldest: string | null }>();
  return { overdueLeft: row?.overdue ?? 0, oldestLeft: row?.oldest == null ? null : time(row.oldest) };
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** The month that a moment lies in: months before it are over. */
const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const startOfMonth = (month: string): number => Date.parse(`${month}-01T00:00:00Z`);

/**
 * One ending's count is published where it and all the other trips are ten at least each, and 0 stands for it else:
 * otherwise a total less its part would tell of fewer.
 */
const MONTHLY = `
INSERT INTO monthly (store, month, trips, scans, removals, holds, faults, abandoned, walked_out)
SELECT store, month, trips, scans, removals, holds, faults, abandoned,
  iif(walked_out >= ?2 AND trips - abandoned - walked_out >= ?2, walked_out, 0)
FROM (
  SELECT store, substr(day, 1, 7) AS month, sum(trips) AS trips, sum(scans) AS scans, sum(removals) AS removals,
    sum(holds) AS holds, sum(faults) AS faults, sum(walked_out) AS walked_out,
    iif(sum(abandoned) >= ?2 AND sum(trips) - sum(abandoned) >= ?2, sum(abandoned), 0) AS abandoned
  FROM daily WHERE substr(day, 1, 7) < ?1 GROUP BY store, substr(day, 1, 7) HAVING sum(trips) >= ?2
) WHERE true
ON CONFLICT (store, month) DO UPDATE SET
  trips = trips + excluded.trips, scans = scans + excluded.scans, removals = removals + excluded.removals,
  holds = holds + excluded.holds, faults = faults + excluded.faults, abandoned = abandoned + excluded.abandoned,
  walked_out = walked_out + excluded.walked_out`;
/** Only closed trips take money, each in one currency: the sum's own trips are counted, not the month's. */
const MONTHLY_TAKINGS = `
INSERT INTO monthly_takings (store, month, currency, minor)
SELECT store, substr(day, 1, 7) AS month, currency, sum(minor) FROM takings
WHERE substr(day, 1, 7) < ?1 GROUP BY store, substr(day, 1, 7), currency HAVING sum(trips) >= ?2
ON CONFLICT (store, month, currency) DO UPDATE SET minor = minor + excluded.minor`;
