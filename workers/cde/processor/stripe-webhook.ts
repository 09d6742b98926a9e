import { Stripe } from "stripe";
import { fail, ok } from "../../../protocol/result.ts";
import { fieldsOf } from "./fields.ts";
import { WEBHOOK_TOLERANCE_SECONDS, type WebhookReader } from "./processor.ts";

/** Types of event that say something happened to a payment; all others are acknowledged and left alone. */
const USED =
  /^(payment_intent\.(amount_capturable_updated|canceled|payment_failed|processing|succeeded)|charge\.(captured|expired|failed|refunded|succeeded)|refund\.(created|failed|updated))$/;

/** Stripe's webhooks, verified by its SDK with the runtime's own WebCrypto. */
export function stripeWebhooks(stripe: Stripe, secret: string): WebhookReader {
  const crypto = Stripe.createSubtleCryptoProvider();
  return async (body, headers, now) => {
    let verified: unknown;
    try {
      const signature = headers.get("stripe-signature") ?? "";
      verified = await stripe.webhooks.constructEventAsync(
        body,
        signature,
        secret,
        WEBHOOK_TOLERANCE_SECONDS,
        crypto,
        now,
      );
    } catch (error) {
      // The SDK's error holds the whole body and header: only its kind goes on.
      return fail(error instanceof Stripe.errors.StripeSignatureVerificationError ? "signature" : "malformed");
    }
    const { object, id, type, data } = fieldsOf(verified);
    if (object !== "event" || typeof id !== "string" || !/^evt_[A-Za-z0-9_]{1,64}$/.test(id)) return fail("malformed");
    if (typeof type !== "string" || !/^[a-z0-9_.]{1,96}$/.test(type)) return fail("malformed");
    return ok({ id, type, reference: USED.test(type) ? referenceOf(fieldsOf(data)["object"]) : null });
  };
}

/** The PaymentIntent that an event is about: the object itself, or the one that a charge or refund belongs to. */
function referenceOf(value: unknown): string | null {
  const about = fieldsOf(value);
  const reference = about["object"] === "payment_intent" ? about["id"] : about["payment_intent"];
  return typeof reference === "string" && /^pi_[A-Za-z0-9_]{1,60}$/.test(reference) ? reference : null;
}
