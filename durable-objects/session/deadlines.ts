import { ASK_AGAIN_FIRST_MS, ASK_AGAIN_LONGEST_MS, EXIT_GRACE_MS, IDLE_MS, LINGER_MS } from "./limits.ts";
import { nextLook } from "./outstanding.ts";
import { isOver, type Trip } from "./trip.ts";

/** The object has one alarm; these are the reasons it may ring for. */
export type Deadline = "idle" | "handoff" | "exit" | "finish";

/**
 * Every deadline that a trip has, with its time in ms since the epoch. Pure: the alarm is set to the
 * earliest, and the handler does all that are due, so an early or repeated ring is harmless.
 */
export function deadlinesOf(trip: Trip): readonly { readonly name: Deadline; readonly at: number }[] {
  if (isOver(trip)) return [{ name: "finish", at: finishAt(trip) }];
  const all: { name: Deadline; at: number }[] = [];
  if (trip.state === "shopping" || trip.state === "paid") all.push({ name: "idle", at: trip.lastAt + IDLE_MS });
  if (trip.state === "checkout") all.push({ name: "handoff", at: trip.handoff?.expires ?? trip.lastAt + IDLE_MS });
  if (trip.exitAt !== null && (trip.state === "shopping" || trip.state === "checkout"))
    all.push({ name: "exit", at: trip.exitAt + EXIT_GRACE_MS });
  return all;
}

/** A closed trip lingers for repeats and for the last look at what terminals did: one ring for both. */
function finishAt({ state, endedAt, outstanding }: Trip): number {
  const ended = endedAt ?? 0;
  return state === "closed" ? Math.max(ended + LINGER_MS, ...outstanding.map(({ until }) => until)) : ended;
}

export function nextAlarm(trip: Trip, askAgainAt: number | null, now: number): number | null {
  const times = deadlinesOf(trip).map(({ at }) => (at > now ? at : askAgain(at, now)));
  if (!isOver(trip)) times.push(...trip.outstanding.map((each) => nextLook(each, now)));
  if (trip.state === "settling" && !isOver(trip)) times.push(askAgainAt ?? trip.lastAt + ASK_AGAIN_FIRST_MS);
  return times.length === 0 ? null : Math.min(...times);
}

/** Exponential back-off without a stored counter: the pause grows with the time that the answer is already missing. */
export function askAgain(since: number, now: number): number {
  const pause = Math.min(Math.max(now - since, ASK_AGAIN_FIRST_MS), ASK_AGAIN_LONGEST_MS);
  return now + pause;
}
