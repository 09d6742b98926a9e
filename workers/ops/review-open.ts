import { and, count, eq, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { countEntries } from "./review-count.ts";
import { BASELINE_WEEKS, type JoinCount, outliersOf } from "./review-outliers.ts";
import { boundsOf, type Week, weekAt, weekBefore } from "./review-week.ts";
import { auditCursor, joinCounts, rawReadRequests, rawReadsSeen, reviewItems, reviews } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";

/** Entries a page of the log, and pages a run: a run stays short, and the next goes on where it ended. */
const PAGE = 500;
const PAGES = 40;
/** Milliseconds after its end that a week is left alone: what was done in its last second is in the log by then. */
const SETTLES = 5 * 60_000;
/** Milliseconds that reviewers have. */
const DUE = 7 * 86_400_000;
/** Weeks that counts are kept (the policy's `join_counts`), and that a review may come late: a year and its baseline. */
const KEPT_WEEKS = 60;
/** Milliseconds past a request's end that its sealed subject is kept. */
const SUBJECT_KEPT = 3_600_000;
/** Statements a batch. */
const CHUNK = 50;

/**
 * Counts what is new in the audit log, each entry once: the cursor moves in the same transaction.
 * @returns whether the log's end was reached. One caller at a time: the review desk's.
 */
export async function countNew(desk: StaffDesk): Promise<boolean> {
  const { db, env } = desk;
  for (let page = 0; page < PAGES; page += 1) {
    const cursor = await db.select().from(auditCursor).get();
    const next = cursor?.next ?? 0;
    const { entries } = await env.AUDIT.read(next, PAGE);
    const last = entries.at(-1);
    if (last === undefined) return true;
    const { joins, rawReads } = countEntries(entries, env.TIME_ZONE);
    const since = Math.min(cursor?.since ?? Infinity, ...entries.map(({ when }) => when));
    const moved = { next: last.index + 1, since };
    await db.batch([
      db
        .insert(auditCursor)
        .values({ id: 1, ...moved })
        .onConflictDoUpdate({ target: auditCursor.id, set: moved }),
      ...joins.map((each) =>
        db
          .insert(joinCounts)
          .values(each)
          .onConflictDoUpdate({
            target: [joinCounts.week, joinCounts.caller, joinCounts.purpose],
            set: { joins: sql`${joinCounts.joins} + excluded.joins` },
          }),
      ),
      ...rawReads.map((each) => db.insert(rawReadsSeen).values(each).onConflictDoNothing()),
    ]);
    if (entries.length < PAGE) return true;
  }
  return false;
}

/**
 * Opens the review of a week that is over (PERSONS-70): every human read, and the outliers among machine
 * joins. Opened again it is the same review. In the log before it is in the table.
 */
export async function openReview(desk: StaffDesk, week: Week): Promise<Result<undefined, "not_over" | "unavailable">> {
  const { db, env, now } = desk;
  if (boundsOf(week, env.TIME_ZONE).end + SETTLES > now) return fail("not_over");
  if ((await db.select().from(reviews).where(eq(reviews.week, week)).get()) !== undefined) return ok();
  if (!(await countNew(desk))) return fail("unavailable");
  const reads = await db.select().from(rawReadsSeen).where(eq(rawReadsSeen.week, week));
  const { joins, outliers, baseline } = await joinsOf(desk, week);
  const items: (typeof reviewItems.$inferInsert)[] = [
    ...reads
      .filter(({ success }) => success)
      .map(({ auditIndex, facts, humans }) => ({
        id: `r${auditIndex}`,
        week,
        kind: "raw_read" as const,
        facts: withIndex(facts, auditIndex),
        humans,
      })),
    ...outliers.map((each, i) => ({
      id: `o${i}`,
      week,
      kind: "outlier" as const,
      facts: JSON.stringify(each),
      humans: "",
    })),
  ].map((item) => ({ ...item, id: `${week}.${item.id}` }));
  const refusedReads = reads.filter(({ success }) => !success).length;
  const humanReads = reads.length - refusedReads;
  const detail = {
    step: "opened",
    human_reads: humanReads,
    refused_reads: refusedReads,
    outliers: outliers.length,
    machine_joins: joins,
  };
  if (!(await desk.append({ who: "ops", kind: "review", success: true, on: `review:${week}`, detail })))
    return fail("unavailable");
  const row = { week, opened: now, due: now + DUE, closed: items.length === 0 ? now : null };
  const counts = { humanReads, refusedReads, machineJoins: joins, baselineWeeks: baseline };
  const inserts = items.map((item) => db.insert(reviewItems).values(item).onConflictDoNothing());
  // The review's own row last: one that broke off is made again, item by item the same.
  await inChunks(desk, [
    ...inserts,
    db
      .insert(reviews)
      .values({ ...row, ...counts })
      .onConflictDoNothing(),
  ]);
  return ok();
}

/** Weeks that are over, have entries and no review yet, the oldest first: as far back as what they show is kept. */
export async function weeksToOpen({ db, env, now }: StaffDesk): Promise<readonly Week[]> {
  const cursor = await db.select().from(auditCursor).get();
  if (cursor === undefined || cursor.since === null) return [];
  const first = weekAt(env.TIME_ZONE, cursor.since);
  const weeks: Week[] = [];
  for (let back = 1; back <= KEPT_WEEKS; back += 1) {
    const week = weekBefore(weekAt(env.TIME_ZONE, now - SETTLES), back);
    if (week < first) break;
    weeks.unshift(week);
  }
  const opened =
    weeks.length === 0 ? [] : await db.select({ week: reviews.week }).from(reviews).where(inArray(reviews.week, weeks));
  return weeks.filter((week) => !opened.some((each) => each.week === week));
}

/** Says once of each review that it is late: in the audit log, and where operators look. */
export async function tellOverdue(desk: StaffDesk): Promise<void> {
  const { db, now } = desk;
  const late = await db
    .select()
    .from(reviews)
    .where(and(isNull(reviews.closed), isNull(reviews.overdueTold), lt(reviews.due, now)));
  for (const { week } of late) {
    const [open] = await db
      .select({ items: count() })
      .from(reviewItems)
      .where(and(eq(reviewItems.week, week), isNull(reviewItems.decision)));
    const detail = { step: "overdue", open_items: open?.items ?? 0 };
    if (!(await desk.append({ who: "ops", kind: "review", success: false, on: `review:${week}`, detail }))) continue;
    console.error(`ops: ALERT the review of ${week} is overdue`);
    await db.update(reviews).set({ overdueTold: now }).where(eq(reviews.week, week));
  }
}

/** Takes the sealed subject away that nobody may open any more; rows have terms of their own (`retention.ts`). */
export async function tidy({ db, now }: StaffDesk): Promise<void> {
  await db
    .update(rawReadRequests)
    .set({ subject: null })
    .where(and(isNotNull(rawReadRequests.subject), lt(rawReadRequests.expires, now - SUBJECT_KEPT)));
}

async function joinsOf({ db, env, now }: StaffDesk, week: Week) {
  const cursor = await db.select().from(auditCursor).get();
  // The log's first week may have begun in its middle: whole weeks alone are compared with, and those that are kept.
  const first = cursor?.since == null ? week : weekAt(env.TIME_ZONE, cursor.since);
  const before = Array.from({ length: BASELINE_WEEKS }, (_, i) => weekBefore(week, i + 1)).filter(
    (each) => each > first && each >= weekBefore(weekAt(env.TIME_ZONE, now), KEPT_WEEKS),
  );
  const rows = await db
    .select()
    .from(joinCounts)
    .where(inArray(joinCounts.week, [week, ...before]));
  const of = (each: Week): JoinCount[] => rows.filter((row) => row.week === each);
  const own = of(week);
  return {
    joins: own.reduce((sum, { joins }) => sum + joins, 0),
    outliers: outliersOf(
      own.map(({ caller, purpose, joins }) => ({ caller, purpose, joins })),
      before.map(of),
    ),
    baseline: before.length,
  };
}

function withIndex(facts: string, auditIndex: number): string {
  return JSON.stringify({ auditIndex, ...(JSON.parse(facts) as object) });
}

async function inChunks({ db }: StaffDesk, statements: readonly BatchItem<"sqlite">[]): Promise<void> {
  for (let from = 0; from < statements.length; from += CHUNK) {
    const [first, ...rest] = statements.slice(from, from + CHUNK);
    if (first !== undefined) await db.batch([first, ...rest]);
  }
}
