import { isTimed, RETENTION, type Executor } from "../../protocol/retention/policy.ts";
import type { Purged } from "../../protocol/rooms/retention.ts";

/** A class of the policy that this object purges, and by which room. */
export interface Scheduled {
  readonly class: string;
  readonly by: Exclude<Executor, "own schedule">;
}

/** Every class with a term, but those whose room has a schedule of its own. */
export const SCHEDULE: readonly Scheduled[] = RETENTION.flatMap((rule) =>
  isTimed(rule) && rule.by !== "own schedule" ? [{ class: rule.class, by: rule.by }] : [],
);

/** UTC day, `yyyy-mm-dd`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Two calls of one class as one: what went adds up, what is left is what the later one saw. */
export function sumOf(before: Purged, after: Purged): Purged {
  return { ...after, purged: before.purged + after.purged };
}
