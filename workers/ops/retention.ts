import { sql, type SQL } from "drizzle-orm";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import type { StaffDesk } from "./staff-desk.ts";

/** Tables of a class, the one that decides first; `moment` is what the term is counted from, null for what stays. */
interface Class {
  readonly name: "raw_read_requests" | "reviews" | "scc_records";
  /** The class of the policy. */
  readonly rule: "raw_read_requests" | "scc_records";
  readonly moment: SQL;
  /** Rows that hang on those, in the same transaction. */
  readonly besides?: (over: SQL) => SQL;
}

const CLASSES: readonly Class[] = [
  { name: "raw_read_requests", rule: "raw_read_requests", moment: sql`created` },
  {
    name: "reviews",
    rule: "raw_read_requests",
    moment: sql`closed`,
    besides: (over) => sql`DELETE FROM review_items WHERE week IN (SELECT week FROM reviews WHERE ${over})`,
  },
  { name: "scc_records", rule: "scc_records", moment: sql`min(coalesce(ended, expires), expires)` },
];

/** The hour of the day, UTC, in which the hourly desk purges: a proof a day is enough. */
const HOUR = 2;

/**
 * The staff database's part of the retention policy, with a proof of each class in the audit log.
 * @returns false when a proof was not taken: the desk comes again
 */
export async function purgeStaff(desk: StaffDesk): Promise<boolean> {
  if (new Date(desk.now).getUTCHours() !== HOUR) return true;
  let proved = true;
  for (const each of CLASSES) proved = (await purgeClass(desk, each)) && proved;
  return proved;
}

async function purgeClass(desk: StaffDesk, { name, rule, moment, besides }: Class): Promise<boolean> {
  const { db, now } = desk;
  const table = sql.identifier(name);
  const over = sql`(${moment}) < ${cutoffOf(timedRule(rule).term, now)}`;
  if (besides !== undefined) await db.run(besides(over));
  const gone = await db.run(sql`DELETE FROM ${table} WHERE ${over}`);
  const left = await db.get<{ overdue: number; oldest: number | null }>(
    sql`SELECT count(CASE WHEN ${over} THEN 1 END) AS overdue, min(moment) AS oldest FROM (SELECT *, (${moment}) AS moment FROM ${table})`,
  );
  return desk.append({
    who: "ops",
    kind: "purge",
    success: (left?.overdue ?? 0) === 0,
    on: `class:${name}`,
    detail: { purged: gone.meta.changes, overdue_left: left?.overdue ?? 0, oldest_left: left?.oldest ?? null },
  });
}
