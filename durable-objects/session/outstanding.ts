import type { HandoffId } from "../../protocol/ids.ts";
import type { Money } from "../../protocol/money/money.ts";
import type { VoidReason } from "../../protocol/rooms/payments.ts";
import { askAgain } from "./deadlines.ts";
import { LOOK_PAUSE_MS } from "./limits.ts";
import type { Handoff } from "./trip.ts";

/**
 * A hand-off whose money is not this trip's to take, or not twice: a terminal may have an authorization for it, or may
 * still get one. It is looked at until the processor says that it holds nothing.
 */
export interface Outstanding {
  readonly id: HandoffId;
  readonly terminal: string;
  readonly amount: Money;
  /** Since when, ms since the epoch. */
  readonly since: number;
  /** How long a terminal may take up a hand-off, ms. */
  readonly life: number;
  /** The last look comes after this: no terminal takes the hand-off up any more. */
  readonly until: number;
  /** An authorization that did not match and must be void; null when the processor is asked whether there is one. */
  readonly release: { readonly authorization: string; readonly why: VoidReason } | null;
}

/** @returns undefined while the POS has not answered: no terminal ever heard of such a hand-off */
export function outstandingOf(
  handoff: Handoff | null,
  since: number,
  release: Outstanding["release"] = null,
): Outstanding | undefined {
  if (handoff === null || handoff.quote === null || handoff.expires === null) return undefined;
  const life = Math.max(0, handoff.expires - handoff.quotedAt);
  return {
    id: handoff.id,
    terminal: handoff.terminal,
    amount: handoff.quote.total,
    since,
    life,
    // A fifth of its life more: the payment that a terminal began at the last moment has come to its end by then.
    until: Math.max(since, handoff.expires + life / 5),
    release,
  };
}

/** One entry a hand-off; what must be released stays to be released. */
export function withOutstanding(all: readonly Outstanding[], more: Outstanding | undefined): readonly Outstanding[] {
  if (more === undefined || all.some(({ id }) => id === more.id)) return all;
  return [...all, more];
}

/** What was released is looked at once more, at its end, as a dropped one is: another card may follow on a terminal. */
export function settled(
  all: readonly Outstanding[],
  handoff: HandoffId,
  how: "released" | "nothing",
): readonly Outstanding[] {
  if (how === "nothing") return all.filter(({ id }) => id !== handoff);
  return all.map((each) => (each.id === handoff ? { ...each, release: null } : each));
}

/**
 * When a hand-off is looked at next: soon after it was dropped, for the payment that crossed with the drop; once when
 * no terminal can take it up any more; after that, and for what must be released, with back-off until it is void.
 */
export function nextLook(outstanding: Outstanding, now: number): number {
  const { since, life, until, release } = outstanding;
  if (release !== null) return askAgain(since, now);
  const first = Math.min(since + life / 10, until);
  if (now < first) return first;
  return now < until ? until : now + Math.min(Math.max(now - until, 1_000), LOOK_PAUSE_MS);
}

/** Whether a ring at `now` is to look at it. */
export function isLookDue({ since, life, until, release }: Outstanding, now: number): boolean {
  return release !== null || now >= Math.min(since + life / 10, until);
}
