import type { Currency } from "../../protocol/money/money.ts";
import type { EmvBlock } from "../../protocol/pay/contract.ts";
import { unreachable } from "../../protocol/result.ts";
import type { TestCard } from "./test-cards.ts";

export interface TerminalOptions {
  readonly processorOrigin: string;
  /** The acquirer's key for this merchant. */
  readonly key: string;
  readonly terminal: string;
  readonly store: string;
  /** How long one call to the acquirer may take, milliseconds. */
  readonly timeoutMs?: number;
}

export interface PaymentOrder {
  /** The hand-off, which becomes the merchant reference and the idempotency key. */
  readonly handoff: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: Currency;
  readonly card: Pick<TestCard, "pan">;
  readonly entry?: EmvBlock["entry"];
}

export interface TerminalOutcome {
  /** `unknown`: no answer in time; money may have moved, so the terminal must not take it again. */
  readonly outcome: "approved" | "declined" | "unknown";
  /** What the cart carries to the platform as a hint. */
  readonly reference: string | null;
  /** Minor units; less than what was asked when approved in part; null while unknown. */
  readonly amount: number | null;
  readonly emv: EmvBlock | null;
}

const UNKNOWN: TerminalOutcome = { outcome: "unknown", reference: null, amount: null, emv: null };

interface AcquirerPayment {
  readonly reference: string;
  readonly state: "processing" | "authorized" | "declined" | "captured" | "voided";
  readonly terminal: string;
  readonly authorized_minor: number;
  readonly emv: EmvBlock | null;
}

/** The simulated in-store EMV terminal: it reads the card and asks the acquirer; the platform never sees the number. */
export class Terminal {
  readonly #options: TerminalOptions;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Time-out 5 s by default, then `unknown`. The same order again is the same payment, never a second one. */
  async pay(order: PaymentOrder): Promise<TerminalOutcome> {
    const { terminal, store } = this.#options;
    const payment = (await this.#call("/v1/payments", {
      method: "POST",
      headers: { "idempotency-key": `${order.handoff}:${terminal}` },
      body: JSON.stringify({
        handoff: order.handoff,
        amount_minor: order.amount,
        currency: order.currency,
        terminal,
        store,
        card: { pan: order.card.pan },
        entry: order.entry ?? "contactless",
      }),
    })) as AcquirerPayment | undefined;
    return payment === undefined ? UNKNOWN : outcomeOf(payment);
  }

  /** Asks the acquirer what became of a hand-off on this terminal. */
  async status(handoff: string): Promise<TerminalOutcome> {
    const found = (await this.#call(`/v1/payments?handoff=${encodeURIComponent(handoff)}`, {})) as
      | { payments: readonly AcquirerPayment[] }
      | undefined;
    const mine = found?.payments.find((each) => each.terminal === this.#options.terminal);
    return mine === undefined ? UNKNOWN : outcomeOf(mine);
  }

  /**
   * @returns undefined when no whole answer came in time
   * @throws Error when the acquirer refuses the call itself: wrong key, malformed order
   */
  async #call(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<unknown> {
    let text: string;
    let status: number;
    try {
      const response = await fetch(new URL(path, this.#options.processorOrigin), {
        ...init,
        headers: {
          authorization: `Bearer ${this.#options.key}`,
          "content-type": "application/json",
          ...init.headers,
        },
        signal: AbortSignal.timeout(this.#options.timeoutMs ?? 5_000),
      });
      status = response.status;
      text = await response.text();
    } catch {
      return undefined;
    }
    if (status >= 500) return undefined;
    if (status >= 400) throw new Error(`the acquirer refuses the terminal's call: ${status}`);
    return JSON.parse(text);
  }
}

function outcomeOf(payment: AcquirerPayment): TerminalOutcome {
  switch (payment.state) {
    case "authorized":
    case "captured":
      return {
        outcome: "approved",
        reference: payment.reference,
        amount: payment.authorized_minor,
        emv: payment.emv,
      };
    case "declined":
    case "voided":
      return { outcome: "declined", reference: payment.reference, amount: 0, emv: payment.emv };
    case "processing":
      return { ...UNKNOWN, reference: payment.reference };
    default:
      return unreachable(payment.state);
  }
}
