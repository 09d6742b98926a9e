import { eq } from "drizzle-orm";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { boundsOf, weekAt } from "./review-week.ts";
import { purgeDays } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";

/** A table that is purged, and its proof's name. */
export interface StaffClass {
  readonly name: string;
  /** The class of the policy. */
  readonly rule: string;
  /** SQL: what the term is counted from, in ms since the epoch or as a week's name; null for what stays. */
  readonly moment: string;
  readonly in: "milliseconds" | "weeks";
  /** Rows of another table that go with those, in the same transaction; `over` is the condition. */
  readonly besides?: { readonly table: string; readonly where: (over: string) => string };
}

/** An id of a token or proof is remembered for a minute past its end: no clock is wrong by as much. */
const ENDED = "expires + 60000";

export const STAFF_CLASSES: readonly StaffClass[] = [
  { name: "raw_read_requests", rule: "raw_read_requests", moment: "created", in: "milliseconds" },
  {
    name: "reviews",
    rule: "raw_read_requests",
    moment: "closed",
    in: "milliseconds",
    besides: { table: "review_items", where: (over) => `week IN (SELECT week FROM reviews WHERE ${over})` },
  },
  { name: "scc_records", rule: "scc_records", moment: "min(coalesce(ended, expires), expires)", in: "milliseconds" },
  { name: "join_counts", rule: "join_counts", moment: "week", in: "weeks" },
  { name: "raw_reads_seen", rule: "join_counts", moment: "week", in: "weeks" },
  { name: "staff_tokens", rule: "staff_tokens", moment: ENDED, in: "milliseconds" },
  { name: "used_proofs", rule: "staff_tokens", moment: ENDED, in: "milliseconds" },
];

/** What a purge came to, as the database counted it. */
interface Counts {
  readonly purged: number;
  readonly overdue: number;
  readonly oldest: number | string | null;
}

/**
 * The staff database's part of the retention policy: each class once a UTC day, at the day's first run that can, with a
 * proof in the audit log. One caller at a time: the review desk's.
 * @returns false when a class was not purged or its proof not taken: the desk comes again, for that one alone
 */
export async function purgeStaff(desk: StaffDesk): Promise<boolean> {
  let done = true;
  for (const each of STAFF_CLASSES) {
    try {
      done = (await purgeOnce(desk, each)) && done;
    } catch (error) {
      done = false;
      console.error(JSON.stringify({ event: "retention_failed", class: each.name, error: (error as Error).name }));
    }
  }
  return done;
}

async function purgeOnce(desk: StaffDesk, each: StaffClass): Promise<boolean> {
  const day = new Date(desk.now).toISOString().slice(0, 10);
  const row = await desk.db.select().from(purgeDays).where(eq(purgeDays.class, each.name)).get();
  if (!(await proveOwed(desk, each, row?.owed ?? null))) return false;
  if (row?.day === day) return true;
  await purge(desk, each, day);
  const after = await desk.db.select().from(purgeDays).where(eq(purgeDays.class, each.name)).get();
  return proveOwed(desk, each, after?.owed ?? null);
}

/** One transaction, with what it came to: a crash before the proof leaves the counts. */
async function purge({ env, now }: StaffDesk, { name, rule, moment, in: unit, besides }: StaffClass, day: string) {
  const cutoff = cutoffOf(timedRule(rule).term, now);
  const bound = unit === "weeks" ? weekAt(env.TIME_ZONE, cutoff) : cutoff;
  const over = `(${moment}) < ?1`;
  const statements = [
    ...(besides === undefined ? [] : [`DELETE FROM ${besides.table} WHERE ${besides.where(over)}`]),
    `DELETE FROM ${name} WHERE ${over}`,
  ].map((text) => env.STAFF_DB.prepare(text).bind(bound));
  // changes() is of the statement before: what went of the class itself.
  const counts = `json_object('purged', changes(), 'overdue', (SELECT count(*) FROM ${name} WHERE ${over}),
    'oldest', (SELECT min(moment) FROM (SELECT (${moment}) AS moment FROM ${name})))`;
  const done = env.STAFF_DB.prepare(
    `INSERT INTO purge_days (class, day, owed) SELECT ?2, ?3, ${counts} WHERE true
     ON CONFLICT (class) DO UPDATE SET day = excluded.day, owed = excluded.owed`,
  ).bind(bound, name, day);
  await env.STAFF_DB.batch([...statements, done]);
}

async function proveOwed(desk: StaffDesk, { name }: StaffClass, owed: string | null): Promise<boolean> {
  if (owed === null) return true;
  const { purged, overdue, oldest } = JSON.parse(owed) as Counts;
  const proved = await desk.append({
    who: "ops",
    kind: "purge",
    success: overdue === 0,
    on: `class:${name}`,
    detail: {
      purged,
      overdue_left: overdue,
      oldest_left: typeof oldest === "string" ? boundsOf(oldest, desk.env.TIME_ZONE).start : oldest,
    },
  });
  if (proved) await desk.db.update(purgeDays).set({ owed: null }).where(eq(purgeDays.class, name));
  return proved;
}
