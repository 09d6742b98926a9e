import type { Stripe } from "stripe";
import type { Money } from "../../../protocol/money/money.ts";
import { fail, ok } from "../../../protocol/result.ts";
import { exactAt } from "./exponent.ts";
import type { Processor, ProcessorPayment, ProcessorResult } from "./processor.ts";
import { attempt } from "./stripe-attempt.ts";
import { STRIPE_EXPONENT, STRIPE_STEP } from "./stripe-currency.ts";
import { STRIPE_METADATA, readIntent } from "./stripe-intent.ts";

const WITH_CHARGE = ["latest_charge"];
/** More intents or refunds than this of one payment are not read. */
const MOST = 100;
/** Names our own key in a refund's `metadata`: Stripe forgets an `Idempotency-Key` after a day or so, we do not. */
const REFUND_KEY = "operation";

/**
 * Stripe, for PaymentIntents that a terminal's side made (`card_present`, captured by hand). Stripe keeps an
 * idempotency key's first answer for a day, faults included, so a change that was answered with anything but success
 * is judged by the state of the payment, asked anew.
 */
export function stripeProcessor(stripe: Stripe): Processor {
  const payment = async (reference: string): Promise<ProcessorResult<ProcessorPayment | null>> => {
    if (!/^pi_[A-Za-z0-9_]{1,60}$/.test(reference)) return ok(null);
    const found = await attempt(() => stripe.paymentIntents.retrieve(reference, { expand: WITH_CHARGE }));
    if (!found.ok) return found.reason === "refused" ? ok(null) : fail("no_answer");
    const read = readIntent(found.value);
    if (read.ok) return read;
    return read.reason === "foreign" ? ok(null) : fail("no_answer");
  };

  /** A change, or what stands in its place: the payment as it is, when that is what the change was to bring about. */
  const changed = async (
    reference: string,
    change: () => Promise<Stripe.PaymentIntent>,
    reached: (payment: ProcessorPayment) => boolean,
  ): Promise<ProcessorResult<ProcessorPayment>> => {
    const answer = await attempt(change);
    if (answer.ok) {
      const read = readIntent(answer.value);
      return read.ok ? read : fail("no_answer");
    }
    if (answer.reason === "silent") return fail("no_answer");
    const now = await payment(reference);
    if (now.ok && now.value !== null && reached(now.value)) return ok(now.value);
    return fail(now.ok && answer.reason === "refused" ? "refused" : "no_answer");
  };

  const refundOf = async (reference: string, key: string): Promise<ProcessorResult<Stripe.Refund | undefined>> => {
    const listed = await attempt(() =>
      stripe.refunds.list({ payment_intent: reference, limit: MOST }).autoPagingToArray({ limit: 1_000 }),
    );
    if (!listed.ok) return fail(listed.reason === "refused" ? "refused" : "no_answer");
    return ok(listed.value.find((each) => each.metadata?.[REFUND_KEY] === key));
  };

  return {
    async ofHandoff(handoff) {
      if (!/^[A-Za-z0-9-]{1,64}$/.test(handoff)) return ok([]);
      const query = `metadata['${STRIPE_METADATA.handoff}']:'${handoff}'`;
      const found = await attempt(() => stripe.paymentIntents.search({ query, limit: MOST }));
      if (!found.ok || !Array.isArray(found.value.data) || found.value.has_more) return fail("no_answer");
      // What a search shows may be a minute old: each payment is read by its reference.
      const payments: ProcessorPayment[] = [];
      for (const answer of await Promise.all(found.value.data.map((each) => payment(each.id)))) {
        if (!answer.ok) return fail("no_answer");
        if (answer.value !== null) payments.push(answer.value);
      }
      return ok(payments);
    },

    payment,

    async capture(reference, amount, key) {
      const exact = exactAt(amount, STRIPE_EXPONENT, STRIPE_STEP);
      if (!exact.ok) return exact;
      const order = { amount_to_capture: exact.value, expand: WITH_CHARGE };
      return changed(
        reference,
        () => stripe.paymentIntents.capture(reference, order, { idempotencyKey: key }),
        (now) => now.state === "captured" && sameMoney(now, amount),
      );
    },

    async void(reference, key) {
      return changed(
        reference,
        () => stripe.paymentIntents.cancel(reference, { expand: WITH_CHARGE }, { idempotencyKey: key }),
        (now) => now.state === "voided",
      );
    },

    async refund(reference, amount, key) {
      const exact = exactAt(amount, STRIPE_EXPONENT, STRIPE_STEP);
      if (!exact.ok) return exact;
      const given = async (refund: Stripe.Refund): Promise<ProcessorResult<ProcessorPayment>> => {
        if (refund.status === "failed" || refund.status === "canceled") return fail("refused");
        if (refund.amount !== exact.value) return fail("refused");
        const now = await payment(reference);
        return now.ok && now.value !== null ? ok(now.value) : fail("no_answer");
      };
      const before = await refundOf(reference, key);
      if (!before.ok) return before;
      if (before.value !== undefined) return given(before.value);
      const order = { payment_intent: reference, amount: exact.value, metadata: { [REFUND_KEY]: key } };
      const made = await attempt(() => stripe.refunds.create(order, { idempotencyKey: key }));
      if (made.ok) return made.value.object === "refund" ? given(made.value) : fail("no_answer");
      if (made.reason === "refused") return fail("refused");
      if (made.reason === "silent") return fail("no_answer");
      const after = await refundOf(reference, key);
      return after.ok && after.value !== undefined ? given(after.value) : fail("no_answer");
    },

    /** Stripe gives no payment account reference for a card number, and none is ever sent to it. */
    paymentAccountReference: async () => undefined,
  };
}

function sameMoney(payment: ProcessorPayment, amount: Money): boolean {
  return payment.amount.currency === amount.currency && payment.capturedMinor === amount.minor;
}
