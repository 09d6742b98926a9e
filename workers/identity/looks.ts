import { asc, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { looks } from "./entities-schema.ts";

/**
 * Who looked at a person, for the person (GDPR Art. 15): kept by this room beside each join that it audits, as the log
 * itself is ordered by time alone and may be pruned or moved. A look that can't be kept opens nothing: the caller fails
 * as it does without an audit entry.
 */
export type Look = typeof looks.$inferSelect;

/** Kinds of act that open something of a person. */
const OPENS: readonly AuditAct["kind"][] = ["tier_join", "raw_read"];

/**
 * Keeps the look of an act, if it is one. An act that names a purpose and opened nothing runs the same statement and
 * keeps no row: a shopper who is not found costs what one who is found does.
 */
export async function keepLook(entities: DrizzleD1Database, act: AuditAct, index: number): Promise<void> {
  const purpose = act.detail?.["purpose"];
  if (typeof purpose !== "string") return;
  const subject = subjectOf(act);
  const opens = OPENS.includes(act.kind) && subject !== undefined;
  const { staff, fields } = act.detail ?? {};
  const who = typeof staff === "string" ? `staff:${staff}` : act.who;
  await entities
    .insert(looks)
    .select(
      sql`SELECT ${index}, ${subject ?? ""}, ${act.when}, ${who}, ${act.from}, ${purpose}, ${String(fields ?? "")} WHERE ${opens ? 1 : 0}`,
    )
    .onConflictDoNothing();
}

/** First to last, from a row on; `many` at the most. */
export function looksAt(
  entities: DrizzleD1Database,
  subject: string,
  from: number,
  many: number,
): Promise<readonly Look[]> {
  return entities
    .select()
    .from(looks)
    .where(eq(looks.subject, subject))
    .orderBy(asc(looks.at), asc(looks.auditIndex))
    .limit(many)
    .offset(from);
}

/** The commitment that an act names: what it was done to, or beside a session. */
function subjectOf({ on, detail }: AuditAct): string | undefined {
  const named = /^subject:([0-9a-f]{64})$/.exec(on)?.[1] ?? detail?.["subject"];
  return typeof named === "string" ? named : undefined;
}
