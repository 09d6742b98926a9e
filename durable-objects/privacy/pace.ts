import { isEnded, type Standing } from "./standing.ts";

/** Pauses between two tries of a store that did not answer: the first, and the longest. */
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LONGEST_MS = 15 * 60_000;
/** A proof is there once the log has sealed its batch; a log that does not answer is asked for a day. */
const PROOF_AGAIN_MS = 5_000;
const PROOFS_FOR_MS = 86_400_000;
/** Evidence that a request was met: 24 months (Cal. Code Regs. tit. 11, 7101(a)), under every law. */
export const KEEP_MS = 731 * 86_400_000;

/** When the object must act next, ms since the epoch; null while it waits for staff. */
export function alarmAt(standing: Standing, now: number): number | null {
  if (isEnded(standing)) {
    const ended = standing.ended ?? now;
    const missing = standing.acts.length - standing.proofs.length - standing.unprovable.length;
    return missing > 0 && now < ended + PROOFS_FOR_MS ? now + PROOF_AGAIN_MS : ended + KEEP_MS;
  }
  if (standing.state === "received" && standing.facts.checkedBy === "staff") return null;
  const since = standing.steps.flatMap((step) => (step.state === "proved" || step.since === null ? [] : [step.since]));
  const pause = now - Math.min(now, ...since);
  return now + Math.min(Math.max(pause, AGAIN_FIRST_MS), AGAIN_LONGEST_MS);
}
