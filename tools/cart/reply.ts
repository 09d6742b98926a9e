import type { CartCode } from "../../protocol/cart/codes.ts";
import { decodeAnswer } from "../../protocol/cart/codec.ts";
import type { CartAnswers, CartMessage } from "../../protocol/cart/messages.ts";
import type { Exchange } from "./wire.ts";

/**
 * `offline`: no lasting answer came; the frame is kept. `bad_answer`: not one of the protocol. `locked`: there is no
 * valid store attestation. `no_trip`: no session is open. Everything else is what the cell said.
 */
export type ClientReason = CartCode | "offline" | "bad_answer" | "locked" | "no_trip";

export interface Refused {
  readonly ok: false;
  readonly reason: ClientReason;
  /** With `seq`: the number that the cell expects. */
  readonly expected: number | null;
  /** HTTP's; null when the cart itself refused, or nothing came. */
  readonly status: number | null;
}

export type Reply<T> = { readonly ok: true; readonly value: T; readonly status: number } | Refused;

/** What each request is answered with; firmware: a manifest's frame, or null when there is nothing newer. */
export type AnswerOf<M extends CartMessage> = M extends keyof CartAnswers ? CartAnswers[M] : Uint8Array | null;

export function refused(reason: ClientReason, status: number | null = null, expected: number | null = null): Refused {
  return { ok: false, reason, expected, status };
}

/** Answers that another attempt may change: the frame was not judged. */
export function isPassing({ status }: Exchange): boolean {
  return status === 429 || status >= 500;
}

export function readReply<M extends CartMessage>(message: M, exchange: Exchange | null): Reply<AnswerOf<M>> {
  if (message !== "firmware" || exchange === null || exchange.status >= 300)
    return readAnswer(message as Exclude<CartMessage, "firmware">, exchange) as Reply<AnswerOf<M>>;
  const manifest = exchange.status === 204 ? null : exchange.body;
  return { ok: true, value: manifest as AnswerOf<M>, status: exchange.status };
}

export function readAnswer<A extends keyof CartAnswers>(kind: A, exchange: Exchange | null): Reply<CartAnswers[A]> {
  if (exchange === null) return refused("offline");
  const { status, body } = exchange;
  if (status === 200 || status === 201) {
    const answer = decodeAnswer(kind, body);
    return answer.ok ? { ok: true, value: answer.value, status } : refused("bad_answer", status);
  }
  const error = decodeAnswer("error", body);
  if (error.ok) return refused(error.value.code, status, error.value.expected);
  return refused(isPassing(exchange) ? "offline" : "bad_answer", status);
}
