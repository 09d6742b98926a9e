import type { OpenedAnswer } from "../../protocol/pay/envelope.ts";
import type { Money } from "../../protocol/money/money.ts";
import type { ForgetAnswer, PaymentAnswer, PaymentState, RefundAnswer } from "../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { PaymentResult, RefundResult } from "../../protocol/rooms/payments.ts";

const STATES: readonly string[] = [
  "pending",
  "approved",
  "declined",
  "captured",
  "voided",
  "unknown",
] satisfies PaymentState[];

/**
 * The CDE's answer as the session may see it. It must speak of the hand-off that was asked about; a 4xx is a
 * refusal, and an answer that can't be read leaves the payment unknown.
 */
export function paymentResult(answer: Result<OpenedAnswer, "unavailable">, handoff: string): PaymentResult {
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status >= 400) return fail("refused");
  if (status !== 200 || typeof body !== "object" || body === null) return fail("unavailable");
  const payment = body as Partial<PaymentAnswer>;
  const readable =
    payment.handoff === handoff &&
    typeof payment.id === "string" &&
    typeof payment.state === "string" &&
    STATES.includes(payment.state);
  return readable ? ok(body as PaymentAnswer) : fail("unavailable");
}

/** A refund that the processor confirmed, of this authorization and amount; one without an answer is `unavailable`. */
export function refundResult(
  answer: Result<OpenedAnswer, "unavailable">,
  authorization: string,
  amount: Money,
): RefundResult {
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status >= 400) return fail("refused");
  const refund = body as Partial<RefundAnswer> | null;
  const confirmed =
    status === 200 &&
    typeof refund?.id === "string" &&
    refund.state === "refunded" &&
    refund.authorization === authorization &&
    refund.amount_minor === amount.minor &&
    refund.currency === amount.currency;
  return confirmed ? ok(refund as RefundAnswer) : fail("unavailable");
}

/** What went for an erasure, of tokens, answers and cards together; anything else than a whole answer is none. */
export function forgetResult(
  answer: Result<OpenedAnswer, "unavailable">,
): Result<{ readonly count: number; readonly left: number }, "unavailable"> {
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  const { tokens, answers, cards, left } = (body ?? {}) as Partial<Record<keyof ForgetAnswer, unknown>>;
  const counts = [tokens, answers, cards, left];
  if (status !== 200 || !counts.every((each) => Number.isSafeInteger(each) && Number(each) >= 0))
    return fail("unavailable");
  return ok({ count: Number(tokens) + Number(answers) + Number(cards), left: Number(left) });
}

/** @returns null when the CDE knows no such token here */
export function referenceResult(answer: Result<OpenedAnswer, "unavailable">): Result<string | null, "unavailable"> {
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status === 404) return ok(null);
  const reference = (body as { reference?: unknown } | null)?.reference;
  return status === 200 && typeof reference === "string" && /^[A-Za-z0-9_-]{43}$/.test(reference)
    ? ok(reference)
    : fail("unavailable");
}
