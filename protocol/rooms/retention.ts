import type { Result } from "../result.ts";

/** What a purge of one class did: its proof for the audit log. */
export interface Purged {
  /** Of the policy (`protocol/retention/policy.ts`). */
  readonly class: string;
  readonly purged: number;
  /** Records past their term that are still there, counted anew after the purge: 0, or it is to be called again. */
  readonly overdueLeft: number;
  /** The earliest moment that a term is counted from among what is left, ms since the epoch; null when nothing is. */
  readonly oldestLeft: number | null;
}

/**
 * A room that carries out rules of the policy. Idempotent. One call does a bounded amount of work: `overdueLeft` above 0
 * asks for another.
 * @param now milliseconds since the epoch: the retention object's clock, so that tests can run years
 * @throws RangeError for a class that is not the room's
 */
export interface Purger {
  purge(purgeClass: string, now: number): Promise<Result<Purged, "unavailable">>;
}

/** One object a cell, pinned to it: a cron nudges it, its alarm does the day's purges and proves each. */
export interface RetentionDeskObject {
  nudge(): Promise<void>;
}
