import { monthsBefore } from "../tlog/keeping.ts";
import { isTimed, RETENTION, type Term, type TimedRule } from "./policy.ts";

/**
 * The moment before which a term that was counted from is over, ms since the epoch. Calendar months in UTC; a day that the
 * earlier month lacks is its last, so nothing goes a day too early.
 */
export function cutoffOf(term: Term, now: number): number {
  return "days" in term ? now - term.days * 86_400_000 : monthsBefore(now, term.months);
}

/** @throws RangeError when the policy has no such class with a term */
export function timedRule(purgeClass: string): TimedRule {
  const rule = RETENTION.find((each) => each.class === purgeClass);
  if (rule === undefined || !isTimed(rule)) throw new RangeError(`no timed class ${purgeClass}`);
  return rule;
}
