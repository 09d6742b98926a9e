import type { PaymentState } from "../../../protocol/pay/contract.ts";
import type { ProcessorPayment } from "../processor/processor.ts";

/** Money that moved or may move goes before what did not. */
const RANK: Readonly<Record<ProcessorPayment["state"], number>> = {
  captured: 0,
  approved: 1,
  pending: 2,
  declined: 3,
  voided: 4,
};

/**
 * Which of a hand-off's payments is the one: the furthest along, then the claimed terminal's, then the earliest.
 * Two askers with the same list choose alike. Payments of another hand-off are never looked at.
 */
export function chosen(
  payments: readonly ProcessorPayment[],
  handoff: string,
  terminal: string,
): ProcessorPayment | undefined {
  return payments
    .filter((each) => each.handoff === handoff)
    .toSorted(
      (a, b) =>
        RANK[a.state] - RANK[b.state] ||
        Number(b.terminal === terminal) - Number(a.terminal === terminal) ||
        a.created - b.created ||
        (a.reference < b.reference ? -1 : 1),
    )[0];
}

/** Approved twice for one hand-off: all but the one are given back. */
export function surplus(
  payments: readonly ProcessorPayment[],
  handoff: string,
  adopted: string,
): readonly ProcessorPayment[] {
  return payments.filter((each) => each.handoff === handoff && each.state === "approved" && each.reference !== adopted);
}

/** States that no later answer changes. A declined hand-off may still be paid with another card. */
export function isFinal(state: PaymentState): boolean {
  return state === "captured" || state === "voided";
}

/**
 * The state after asking once more. Silence (`unknown`) takes back nothing that the processor had said;
 * "no such payment" (`pending`) only answers a question that was open.
 */
export function stateAfterSilence(current: PaymentState): PaymentState {
  return current === "pending" ? "unknown" : current;
}
export function stateAfterNothingFound(current: PaymentState): PaymentState {
  return current === "unknown" ? "pending" : current;
}
