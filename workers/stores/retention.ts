import type { DrizzleD1Database } from "drizzle-orm/d1";
import { asc, count, inArray, lt, min, sql } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Purged } from "../../protocol/rooms/retention.ts";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import type { Archive } from "./book-refund.ts";
import { purgeHolds } from "./fiscal-holds.ts";
import { receipts, sales } from "./schema.ts";
import { stored } from "./storage.ts";

/** Receipts a call: D1 takes a hundred parameters, and R2 a thousand names at once. */
const RECEIPTS_A_CALL = 90;

/**
 * Carries out one rule of the policy for what the stores keep.
 * @throws RangeError for a class that is not this room's
 */
export async function purge(archive: Archive, purgeClass: string, now: number): Promise<Result<Purged, "unavailable">> {
  const cutoff = cutoffOf(timedRule(purgeClass).term, now);
  switch (purgeClass) {
    case "receipts":
      return stored("purge", () => purgeReceipts(archive, cutoff));
    case "fiscal_sales_receipt":
      return purgeFiscal(archive.database, now);
    default:
      throw new RangeError(`${purgeClass} is not the stores'`);
  }
}

/**
 * The object first, the rows then: a call that broke off finds them again. What a fiscal law keeps lies apart, and is
 * another class. A sale goes with the last of its receipts, as a correction comes later than what it corrects; one that
 * was meant and never booked goes by the same time.
 */
async function purgeReceipts({ database, receipts: bucket }: Archive, cutoff: number): Promise<Purged> {
  const old = await database
    .select({ reference: receipts.reference })
    .from(receipts)
    .where(lt(receipts.issuedAt, cutoff))
    .orderBy(asc(receipts.issuedAt))
    .limit(RECEIPTS_A_CALL);
  const references = old.map(({ reference }) => reference);
  if (references.length > 0) await bucket.delete(references);
  await database.batch([
    database.delete(receipts).where(inArray(receipts.reference, references)),
    database
      .delete(sales)
      .where(
        sql`${sales.intentAt} < ${cutoff} AND NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.handoff = sales.handoff)`,
      ),
  ]);
  const [left] = await database
    .select({
      overdue: count(sql`CASE WHEN ${receipts.issuedAt} < ${cutoff} THEN 1 END`),
      oldest: min(receipts.issuedAt),
    })
    .from(receipts);
  return {
    class: "receipts",
    purged: references.length,
    overdueLeft: left?.overdue ?? 0,
    oldestLeft: left?.oldest ?? null,
  };
}

async function purgeFiscal(database: DrizzleD1Database, now: number): Promise<Result<Purged, "unavailable">> {
  const done = await purgeHolds(database, now);
  if (!done.ok) return fail("unavailable");
  const found = done.value.find((each) => each.class === "fiscal_sales_receipt");
  const { purged = 0, overdueLeft = 0, oldestLeft = null } = found ?? {};
  return ok({
    class: "fiscal_sales_receipt",
    purged,
    overdueLeft,
    oldestLeft: oldestLeft === null ? null : Date.parse(`${oldestLeft}T00:00:00Z`),
  });
}
