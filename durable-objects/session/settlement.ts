import type { PaymentAnswer } from "../../protocol/pay/contract.ts";
import type { HandoffId, StoreId } from "../../protocol/ids.ts";
import type { Money } from "../../protocol/money/money.ts";
import type { Verdict } from "./events.ts";

/** What a payment must be for, whole: the frozen basket's hand-off. */
export interface Expected {
  readonly handoff: HandoffId;
  readonly store: StoreId;
  readonly terminal: string;
  readonly amount: Money;
}

/**
 * The three-way match (PRD-PAY-19): frozen basket = hand-off = what the processor authorized, in amount, currency,
 * store and terminal. The processor's answer is the only evidence; null is no answer, so unknown.
 */
export function judge(expected: Expected, answer: PaymentAnswer | null): Verdict {
  if (answer === null) return { verdict: "unknown" };
  switch (answer.state) {
    case "pending":
    case "unknown":
      return { verdict: answer.state };
    case "declined":
    case "voided":
      return { verdict: "declined" };
    case "approved":
    case "captured":
      break;
  }
  if (answer.handoff !== expected.handoff) return { verdict: "mismatch", why: "handoff_used" };
  if (answer.currency !== expected.amount.currency) return { verdict: "mismatch", why: "currency_mismatch" };
  if (answer.amount_minor !== expected.amount.minor) return { verdict: "mismatch", why: "amount_mismatch" };
  if (answer.store !== expected.store) return { verdict: "mismatch", why: "store_mismatch" };
  if (answer.terminal !== expected.terminal) return { verdict: "mismatch", why: "terminal_mismatch" };
  return { verdict: "approved" };
}
