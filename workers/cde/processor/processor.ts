import type { Money } from "../../../protocol/money/money.ts";
import type { EmvBlock } from "../../../protocol/pay/contract.ts";
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
  /** Milliseconds since the epoch. */
  readonly created: number;
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
  /** The EMVCo payment account reference of a card; undefined when there is none, or no answer. */
  paymentAccountReference(pan: string): Promise<string | undefined>;
}
