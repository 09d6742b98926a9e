import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { recordOf } from "./roster.ts";
import { reviewItems, reviews } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";
import { whoOf } from "./staff-sign-in.ts";
import type { Staff } from "./staff-token.ts";

const LISTED = 60;

export interface Decision {
  readonly decision: "in_order" | "incident";
  /** Where an incident is followed up; null for what is in order. */
  readonly ticket: string | null;
}

type Review = typeof reviews.$inferSelect;

/** The overdue first, then the open, then the closed; the newest first among each. */
export async function listReviews({ db, now }: StaffDesk): Promise<readonly object[]> {
  const rows = await db
    .select()
    .from(reviews)
    .orderBy(asc(sql`CASE WHEN closed IS NOT NULL THEN 2 WHEN due < ${now} THEN 0 ELSE 1 END`), desc(reviews.week))
    .limit(LISTED);
  return rows.map((row) => shown(row, now));
}

export async function seeReview({ db, now }: StaffDesk, week: string): Promise<Result<object, "not_found">> {
  const [found, items] = await db.batch([
    db.select().from(reviews).where(eq(reviews.week, week)),
    db.select().from(reviewItems).where(eq(reviewItems.week, week)).orderBy(asc(reviewItems.id)),
  ]);
  const [review] = found;
  if (review === undefined) return fail("not_found");
  const list = items.map(({ week: _week, decidedHuman: _human, facts, humans, ...item }) => ({
    ...item,
    facts: JSON.parse(facts) as object,
    humans: humans === "" ? [] : humans.split(" "),
  }));
  return ok({ ...shown(review, now), items: list });
}

/** Decided once, by a reviewer who took no part, whichever account they use. The last decision closes the review. */
export async function decide(
  desk: StaffDesk,
  staff: Staff,
  at: { readonly week: string; readonly item: string },
  { decision, ticket }: Decision,
): Promise<
  Result<undefined, "not_found" | "own_part" | "state" | "unavailable" | "untrusted_record" | "ended" | "wrong_role">
> {
  const { db, now } = desk;
  const item = await db
    .select()
    .from(reviewItems)
    .where(and(eq(reviewItems.id, at.item), eq(reviewItems.week, at.week)))
    .get();
  if (item === undefined) return fail("not_found");
  const reviewer = await recordOf(desk, staff.id, "reviewer");
  if (!reviewer.ok) return reviewer;
  const { human } = reviewer.value.record;
  const act = { who: whoOf(staff), kind: "review", on: `review:${at.week}` } as const;
  if (item.humans.split(" ").includes(human)) {
    const detail = { step: "decision", item: item.id, code: "own_part" };
    return fail((await desk.append({ ...act, success: false, detail })) ? "own_part" : "unavailable");
  }
  if (item.decision !== null) return fail("state");
  const detail = { step: "decision", item: item.id, decision, ticket };
  if (!(await desk.append({ ...act, success: true, detail }))) return fail("unavailable");
  const [written] = await db.batch([
    db
      .update(reviewItems)
      .set({ decision, ticket, decidedBy: staff.id, decidedHuman: human, decided: now })
      .where(and(eq(reviewItems.id, item.id), isNull(reviewItems.decision))),
    db
      .update(reviews)
      .set({ closed: now })
      .where(
        and(
          eq(reviews.week, at.week),
          isNull(reviews.closed),
          sql`NOT EXISTS (SELECT 1 FROM review_items WHERE week = ${at.week} AND decision IS NULL)`,
        ),
      ),
  ]);
  return written.meta.changes === 1 ? ok() : fail("state");
}

function shown(review: Review, now: number): object {
  const { week, opened, due, closed, humanReads, refusedReads, machineJoins, baselineWeeks } = review;
  const state = closed !== null ? "closed" : due < now ? "overdue" : "open";
  return { week, state, opened, due, closed, humanReads, refusedReads, machineJoins, baselineWeeks };
}
