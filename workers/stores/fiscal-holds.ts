import { count, eq, lt, min, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { ReceiptReference, SessionId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { Archive } from "./book-refund.ts";
import { holdOf, overOn, strangeNames } from "./fiscal-hold.ts";
import { fiscalHolds, receipts, sales } from "./schema.ts";
import { stored } from "./storage.ts";

/** Receipts that are read at once. */
const AT_ONCE = 8;

/** What a purge of holds did, a row a class: the proof for the audit log. */
export interface PurgedHolds {
  readonly class: string;
  readonly purged: number;
  /** Holds that are over and still there, counted anew: 0, or the purge failed. */
  readonly overdueLeft: number;
  /** The earliest last day among what is left; null when there is none. */
  readonly oldestLeft: string | null;
}

/** The receipts of these trips as they lie there, corrections of them included; those that retention took are left out. */
export async function receiptsOf(
  archive: Archive,
  sessions: readonly SessionId[],
): Promise<Result<readonly Receipt[], "unavailable">> {
  return stored("receipts", async () => {
    const read: Receipt[] = [];
    for await (const some of readReceipts(archive, await referencesOf(archive.database, sessions))) read.push(...some);
    return read;
  });
}

async function* readReceipts(
  archive: Archive,
  references: readonly ReceiptReference[],
): AsyncGenerator<readonly Receipt[]> {
  for (let from = 0; from < references.length; from += AT_ONCE) {
    const found = await Promise.all(references.slice(from, from + AT_ONCE).map((each) => archive.receipts.get(each)));
    yield Promise.all(found.flatMap((object) => (object === null ? [] : [object.json<Receipt>()])));
  }
}

async function referencesOf(
  database: DrizzleD1Database,
  sessions: readonly SessionId[],
): Promise<readonly ReceiptReference[]> {
  const rows = await database
    .select({ reference: receipts.reference })
    .from(receipts)
    .innerJoin(sales, eq(sales.handoff, receipts.handoff))
    .where(sql`${sales.session} IN (SELECT value FROM json_each(${JSON.stringify(sessions)}))`)
    .orderBy(receipts.issuedAt);
  return rows.map(({ reference }) => reference);
}

/**
 * A person's erasure: what the fiscal law keeps of the receipts lies apart, and each receipt is searched for anything
 * that is not a receipt's. No receipt names its shopper; the way to it is the link that the identity room destroys.
 */
export async function forgetReceipts(
  archive: Archive,
  sessions: readonly SessionId[],
  now: number,
): Promise<Result<StoreAnswer, "unavailable">> {
  return stored("forget", async () => {
    const references = await referencesOf(archive.database, sessions);
    let left = 0;
    for await (const read of readReceipts(archive, references)) {
      left += read.filter((receipt) => strangeNames(receipt).length > 0).length;
      await hold(archive.database, read, now);
    }
    return { store: "receipts", ...(await heldNow(archive.database, references)), left } as const;
  });
}

/** Writes holds of receipts from before there were holds; those that are there stay as they are. */
async function hold(database: DrizzleD1Database, read: readonly Receipt[], now: number): Promise<void> {
  for (const receipt of read) {
    const row = holdOf(receipt, now);
    if (row !== undefined && row.until >= overOn(now))
      await database.insert(fiscalHolds).values(row).onConflictDoNothing();
  }
}

/** How many of these receipts a law keeps: the hold that ends last speaks for them. */
async function heldNow(
  database: DrizzleD1Database,
  references: readonly ReceiptReference[],
): Promise<Pick<StoreAnswer, "outcome" | "count" | "law" | "until">> {
  const rows = await database
    .select({ law: fiscalHolds.law, until: fiscalHolds.until })
    .from(fiscalHolds)
    .where(sql`${fiscalHolds.reference} IN (SELECT value FROM json_each(${JSON.stringify(references)}))`)
    .orderBy(fiscalHolds.until);
  const last = rows.at(-1);
  return last === undefined
    ? { outcome: "none", count: references.length }
    : { outcome: "held", count: rows.length, law: last.law, until: last.until };
}

/**
 * Deletes for good what no law keeps any more. Idempotent; run by the retention job.
 * @param now milliseconds since the epoch
 */
export async function purgeHolds(
  database: DrizzleD1Database,
  now: number,
): Promise<Result<readonly PurgedHolds[], "unavailable">> {
  return stored("purge", async () => {
    const today = overOn(now);
    const over = lt(fiscalHolds.until, today);
    const byClass = { class: fiscalHolds.recordClass, count: count() };
    const before = await database.select(byClass).from(fiscalHolds).groupBy(fiscalHolds.recordClass);
    const [gone] = await database.batch([
      database.select(byClass).from(fiscalHolds).where(over).groupBy(fiscalHolds.recordClass),
      database.delete(fiscalHolds).where(over),
    ]);
    const after = await database
      .select({
        class: fiscalHolds.recordClass,
        oldest: min(fiscalHolds.until),
        overdue: sql<number>`sum(${fiscalHolds.until} < ${today})`,
      })
      .from(fiscalHolds)
      .groupBy(fiscalHolds.recordClass);
    return before.map((each) => {
      const kept = after.find((other) => other.class === each.class);
      return {
        class: `fiscal_${each.class}`,
        purged: gone.find((other) => other.class === each.class)?.count ?? 0,
        overdueLeft: kept?.overdue ?? 0,
        oldestLeft: kept?.oldest ?? null,
      };
    });
  });
}
