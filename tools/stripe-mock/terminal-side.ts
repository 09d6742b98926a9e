import { Stripe } from "stripe";

export interface TerminalOrder {
  readonly handoff: string;
  readonly store: string;
  readonly terminal: string;
  /** In Stripe's own smallest unit. */
  readonly amount: number;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

/**
 * What the terminal's side does in Stripe's server-driven flow: it makes the PaymentIntent with the hand-off in its
 * metadata, then has the reader take the card. The hand-off and terminal are the idempotency key, so a repeated order
 * is one intent.
 */
export class StripeTerminalSide {
  readonly #stripe: Stripe;

  constructor(secretKey: string, origin: string) {
    const { hostname, port } = new URL(origin);
    this.#stripe = new Stripe(secretKey, {
      host: hostname,
      port,
      protocol: "http",
      maxNetworkRetries: 0,
      telemetry: false,
    });
  }

  /** Makes the intent; no card is taken yet. @returns its id */
  async order(order: TerminalOrder): Promise<string> {
    const { handoff, store, terminal, amount, currency } = order;
    const intent = await this.#stripe.paymentIntents.create(
      {
        amount,
        currency,
        allowed_payment_method_types: ["card_present"],
        capture_method: "manual",
        metadata: { handoff, store, terminal },
      },
      { idempotencyKey: `${handoff}:${terminal}` },
    );
    return intent.id;
  }

  /** The reader takes the card for an intent. */
  async present(intent: string, reader = "tmr_mock"): Promise<void> {
    await this.#stripe.terminal.readers.processPaymentIntent(
      reader,
      { payment_intent: intent },
      { idempotencyKey: `${intent}:present:${crypto.randomUUID()}` },
    );
  }

  /** @returns the intent's id; whether the card was approved is for the processor to say */
  async pay(order: TerminalOrder): Promise<string> {
    const intent = await this.order(order);
    await this.present(intent).catch(() => undefined);
    return intent;
  }
}
