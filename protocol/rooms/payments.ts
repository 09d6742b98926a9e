import type { CardToken, HandoffId } from "../ids.ts";
import type { Money } from "../money/money.ts";
import type { PaymentAnswer, RefundAnswer } from "../pay/contract.ts";
import type { Result } from "../result.ts";
import type { IdentifyResult, Trip } from "./identity.ts";

/** The hand-off that a payment must match, whole (PRD-PAY-19, the three-way match). */
export interface HandoffClaim {
  readonly trip: Trip;
  readonly handoff: HandoffId;
  readonly terminal: string;
  readonly amount: Money;
  /** What the cart carried from the terminal: a hint; null asks by the hand-off alone. */
  readonly reference: string | null;
}

/** `unavailable`: the CDE or the processor gave no answer in time: the state is unknown, never a refusal. */
export type PaymentResult = Result<PaymentAnswer, "unavailable" | "refused">;

/** `unavailable`: no answer, or none of the processor: the same refund asks again. */
export type RefundResult = Result<RefundAnswer, "unavailable" | "refused">;

/**
 * The tokenization forwarder, for the session object. Time-out 10 s a call; every call is idempotent
 * by (hand-off, verb), end to end.
 */
export interface PaymentsForSessions {
  /** Card token → card reference (CDE) → one-trip number (identity). The session sees neither reference nor account. */
  identifyByCard(trip: Trip, token: CardToken): Promise<IdentifyResult>;
  /** Asks the processor what became of a hand-off. Never charges. */
  authorization(claim: HandoffClaim): Promise<PaymentResult>;
  /** Takes the money of an approved authorization: the whole hand-off amount. */
  capture(handoff: HandoffId, authorization: string, amount: Money): Promise<PaymentResult>;
  /** Gives an authorization back; the reason is from a closed list. */
  release(handoff: HandoffId, authorization: string, why: VoidReason): Promise<PaymentResult>;
  /** Gives captured money back, once a refund: the claim is the one of the capture; the refund is a UUID. */
  refund(claim: HandoffClaim, refund: string, amount: Money): Promise<RefundResult>;
}

export type VoidReason =
  | "amount_mismatch"
  | "currency_mismatch"
  | "store_mismatch"
  | "terminal_mismatch"
  | "handoff_used"
  | "basket_changed"
  | "session_over"
  | "capture_refused";
