import type { Env } from "../env.ts";
import { limitKey, type Counted } from "../limit-key.ts";
import { logUnexpected } from "../log.ts";
import type { ProblemCode } from "./problem.ts";

/** A refusal as the audit log may know it: the route's template and a field's name of ours, nothing that was sent. */
export interface AppRefusal {
  readonly code: Extract<ProblemCode, "pan_detected" | "invalid_token">;
  readonly route: string;
  readonly field: string | null;
  /** Who may cause how many entries. Never stored. */
  readonly from: Counted;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * One audit event, bounded so that a flood fills no log.
 * Failure policy: open; the refusal stands whether or not it is recorded.
 */
export async function recordRefusal({ code, route, field, from, now }: AppRefusal, env: Env): Promise<void> {
  try {
    if (!(await env.REFUSAL_LIMIT.limit({ key: `app ${await limitKey(from, now)}` })).success) return;
    await env.IDENTITY.refused(code, route, field);
  } catch (error) {
    logUnexpected(route, error);
  }
}
