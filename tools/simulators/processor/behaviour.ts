/** How the simulated acquirer may misbehave. Each is what a real one does on a bad day. */
export const BEHAVIOURS = [
  "approve",
  "decline",
  "time_out",
  "lose_answer",
  "answer_late",
  "partial",
  "duplicate",
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** What a behaviour is armed for. */
export const OPERATIONS = ["payment", "status", "capture", "void", "refund", "webhook"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Holds an answer longer than any caller waits, milliseconds. */
export const HOLD_MS = 20_000;
/** `answer_late` answers, and a late payment is decided, after this many milliseconds. */
export const LATE_MS = 4_000;

/**
 * From this many minor units on, the last two digits choose the behaviour: far above any basket, so no honest
 * amount is declined by chance. The digits are ISO 8583 response codes where there is one.
 */
export const TEST_AMOUNTS_FROM = 1_000_000;

const BY_LAST_DIGITS: Readonly<Record<number, Behaviour>> = {
  9: "answer_late",
  10: "partial",
  51: "decline",
  68: "time_out",
  91: "lose_answer",
  94: "duplicate",
};

/** @param minor the amount asked for, in minor units */
export function behaviourOfAmount(minor: number): Behaviour {
  return minor >= TEST_AMOUNTS_FROM ? (BY_LAST_DIGITS[minor % 100] ?? "approve") : "approve";
}

/** When a webhook is sent that is armed to be: at once, late, or at once and again. Others are never sent. */
const WEBHOOK: readonly Behaviour[] = ["approve", "answer_late", "duplicate"];

/** Only a payment can be approved in part or doubled; a webhook can only be sent, sent late or sent twice. */
export function canArm(operation: Operation, behaviour: Behaviour): boolean {
  if (operation === "webhook") return WEBHOOK.includes(behaviour);
  return operation === "payment" || (behaviour !== "partial" && behaviour !== "duplicate");
}
