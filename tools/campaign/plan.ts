import { seededRandom, type Losses } from "../cart/lossy-channel.ts";
import type { Behaviour, Operation } from "../simulators/processor/behaviour.ts";

/** What people and terminals do at the till. Each ends in one state; most of it never happens, and all of it does. */
export const TILLS = [
  "one_terminal",
  "double_tap",
  "two_terminals",
  "second_terminal_after",
  "wrong_terminal",
  "wrong_amount",
  "wrong_currency",
  "wrong_store",
  "foreign_reference",
  "scan_after_payment",
  "walk_away",
] as const;
export type TillCase = (typeof TILLS)[number];

export const POS_FAULTS = ["quote_fails", "sale_fails", "sale_late"] as const;
export type PosFault = (typeof POS_FAULTS)[number];

export interface TripPlan {
  readonly items: number;
  readonly till: TillCase;
  /** Armed at the processor for the trip's first hand-off. */
  readonly faults: readonly (readonly [Behaviour, Operation])[];
  readonly pos: PosFault | null;
  /** Whether a terminal that got no answer sends its order again. */
  readonly terminalRepeats: boolean;
}

/** A cart's modem on a bad day, shares of deliveries. */
export const LOSSES: Losses = { loseRequest: 0.02, loseAnswer: 0.03, duplicate: 0.03, delay: 0.02 };

const FAULTS: readonly (readonly [Behaviour, Operation])[] = [
  ["decline", "payment"],
  ["time_out", "payment"],
  ["lose_answer", "payment"],
  ["answer_late", "payment"],
  ["partial", "payment"],
  ["duplicate", "payment"],
  ["lose_answer", "status"],
  ["answer_late", "status"],
  ["time_out", "status"],
  ["lose_answer", "capture"],
  ["answer_late", "capture"],
  ["time_out", "capture"],
  ["decline", "capture"],
  ["lose_answer", "void"],
  ["answer_late", "void"],
  ["time_out", "void"],
];

/** The same seed gives the same trips. Half of them meet a fault of the processor, a third something at the till. */
export function planTrips(count: number, seed: number): readonly TripPlan[] {
  const random = seededRandom(seed);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  return Array.from({ length: count }, () => {
    const items = 1 + Math.floor(random() * 3);
    const till = random() < 0.35 ? one(TILLS) : "one_terminal";
    const faults = random() < 0.5 ? [one(FAULTS), ...(random() < 0.3 ? [one(FAULTS)] : [])] : [];
    const pos = random() < 0.04 ? one(POS_FAULTS) : null;
    return { items, till, faults, pos, terminalRepeats: random() < 0.5 };
  });
}

/** Which process is cut off after how many trips; none in a run too short to come back from it. */
export function planCrashes(count: number): ReadonlyMap<number, "pay" | "platform"> {
  if (count < 40) return new Map();
  const shares = count < 500 ? [0.3, 0.6] : [0.1, 0.25, 0.4, 0.55, 0.7, 0.85];
  return new Map(shares.map((share, i) => [Math.floor(count * share), i % 2 === 0 ? "pay" : "platform"]));
}
