import { DrizzleQueryError } from "drizzle-orm/errors";
import type { AuditAct, AuditAppender } from "../../protocol/rooms/audit.ts";
import { fail, type Result } from "../../protocol/result.ts";

/**
 * Runs what needs the database; its failure is an answer (`unavailable`), any other throw stays a bug.
 * drizzle's message repeats the values, so only the cause is logged.
 */
export async function withDatabase<T, R extends string>(
  work: () => Promise<Result<T, R>>,
): Promise<Result<T, R | "unavailable">> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof DrizzleQueryError ? error.cause : error;
    const isDatabase =
      error instanceof DrizzleQueryError || (error instanceof Error && error.message.startsWith("D1_"));
    if (!isDatabase) throw error;
    console.error("fleet: the database did not answer:", cause instanceof Error ? cause.name : "unknown");
    return fail("unavailable");
  }
}

/** Whether the act is in the log. Closed: no proof, no act (SPINE-13); the caller answers `unavailable`. */
export async function proved(audit: AuditAppender, act: AuditAct): Promise<boolean> {
  try {
    const appended = await audit.append(act);
    if (!appended.ok) console.error("fleet: the audit log refused an act:", act.kind, appended.reason);
    return appended.ok;
  } catch {
    console.error("fleet: the audit log did not answer:", act.kind);
    return false;
  }
}
