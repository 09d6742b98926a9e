import { decodeAnswer } from "../../protocol/cart/codec.ts";
import type { CartAnswer, CartAnswers } from "../../protocol/cart/messages.ts";
import type { WireAnswer } from "../../protocol/rooms/sessions.ts";

/** How the payments room answers for one hand-off, and what it remembers of all. */
export interface Arranged {
  /** So many questions get no answer. */
  readonly silent?: number;
  /** What it says of the hand-off; without it the reference decides. */
  readonly state?: string;
  readonly over?: object;
  /** So many answers say that another authorization may hold money. */
  readonly surplus?: number;
  /** So many releases get no answer. */
  readonly releaseLost?: number;
  readonly refuseCapture?: boolean;
  /** The question fails, as no answer of the contract does. */
  readonly throws?: boolean;
  readonly refundRefused?: boolean;
  /** So many refunds take effect and get no answer. */
  readonly refundLost?: number;
}
export interface PaymentBooks {
  readonly captures: readonly (readonly [string, number])[];
  readonly voided: readonly (readonly [string, string])[];
  readonly asked: readonly string[];
}

export function read<A extends CartAnswer>(kind: A, body: Uint8Array): CartAnswers[A] {
  const answer = decodeAnswer(kind, body);
  if (!answer.ok) throw new Error(`the answer is not a ${kind}`);
  return answer.value;
}

/** The answer of a frame that must have been taken. */
export function taken<A extends CartAnswer>(kind: A, answer: WireAnswer): CartAnswers[A] {
  if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
  return read(kind, answer.body);
}
