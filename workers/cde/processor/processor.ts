import type { Money } from "../../../protocol/money/money.ts";
import type { DeclineReason, EmvBlock } from "../../../protocol/pay/contract.ts";
import type { Result } from "../../../protocol/result.ts";

/** A payment as a processor reports it, in one normal form. */
export interface ProcessorPayment {
  /** The processor's own reference. */
  readonly reference: string;
  /** The merchant reference that the terminal gave: the hand-off. */
  readonly handoff: string;
  readonly state: "pending" | "approved" | "declined" | "captured" | "voided";
  /** What was authorized; zero while pending or declined. */
  readonly amount: Money;
  /** Minor units of `amount.currency`. */
  readonly capturedMinor: number;
  readonly terminal: string;
  readonly store: string;
  readonly emv: EmvBlock | null;
  /** null unless declined. */
  readonly decline: DeclineReason | null;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** A payment with a card on file. The number lives for this call; there is no verification value. */
export interface CardOnFileCharge {
  readonly handoff: string;
  readonly store: string;
  readonly terminal: string;
  readonly amount: Money;
  readonly pan: string;
  readonly expiryMonth: number;
  /** Four digits. */
  readonly expiryYear: number;
}

/** `no_answer`: nothing, or nothing readable, in time. Whether it took effect is unknown. `refused`: it did not. */
export type ProcessorResult<T> = Result<T, "no_answer" | "refused">;

/**
 * What the CDE needs of a payment processor. Every change carries an idempotency key and may be repeated with it;
 * no implementation retries by itself.
 */
export interface Processor {
  ofHandoff(handoff: string): Promise<ProcessorResult<readonly ProcessorPayment[]>>;
  /** null: the processor knows no such payment. */
  payment(reference: string): Promise<ProcessorResult<ProcessorPayment | null>>;
  capture(reference: string, amount: Money, key: string): Promise<ProcessorResult<ProcessorPayment>>;
  void(reference: string, key: string): Promise<ProcessorResult<ProcessorPayment>>;
  refund(reference: string, amount: Money, key: string): Promise<ProcessorResult<ProcessorPayment>>;
  /** Absent where the processor takes no card numbers from the platform: a card on file can't pay there. */
  charge?(order: CardOnFileCharge, key: string): Promise<ProcessorResult<ProcessorPayment>>;
  /** The EMVCo payment account reference of a card; undefined when there is none, or no answer. */
  paymentAccountReference(pan: string): Promise<string | undefined>;
}

/** What a verified webhook is worth: that something happened to a payment. What happened is asked, never believed. */
export interface ProcessorEvent {
  /** The processor's own event id: the same for every delivery. */
  readonly id: string;
  readonly type: string;
  /** The payment it points at; null for every type of event that the CDE has no use for. */
  readonly reference: string | null;
}

/**
 * Verifies a webhook's signature over the body as it came, not older than the tolerance, and reads it.
 * `signature`: not from the processor, or too old. `malformed`: signed, but not an event.
 * @param now milliseconds since the epoch
 */
export type WebhookReader = (
  body: string,
  headers: Headers,
  now: number,
) => Promise<Result<ProcessorEvent, "signature" | "malformed">>;

/** How old a signed webhook may be, seconds. */
export const WEBHOOK_TOLERANCE_SECONDS = 300;
