import type { Env } from "./env.ts";

/** Somebody was turned away at the door. */
export interface DoorRefusal {
  readonly code: "invalid_token" | "forbidden";
  /** The call's method and template: nothing that was sent. */
  readonly route: string;
  /** Null when no token said who. */
  readonly who: string | null;
  readonly when: number;
}

/**
 * One audit event each, thirty a minute for each code at the most: a stranger fills no log. Failure policy: open; the
 * refusal stands whether or not the log answers.
 */
export async function recordRefusal(env: Env, { code, route, who, when }: DoorRefusal): Promise<void> {
  try {
    if (!(await env.REFUSAL_LIMIT.limit({ key: code })).success) return;
    const act = { who: who ?? "ops", kind: "refusal", when, success: false, from: route, on: "ops" } as const;
    const appended = await env.AUDIT.append({ ...act, detail: { code } });
    if (!appended.ok) console.error("ops: a refusal was not recorded:", appended.reason);
  } catch {
    console.error("ops: a refusal was not recorded: the audit log did not answer");
  }
}
