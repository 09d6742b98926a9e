export type Status = "requires_payment_method" | "requires_capture" | "processing" | "succeeded" | "canceled";

export interface IntentRow {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly types: string[];
  readonly metadata: Record<string, string>;
  /** Seconds since the epoch. */
  readonly created: number;
  status: Status;
  /** What the issuer authorized. */
  authorized: number;
  received: number;
  /** Stripe's decline code; null when not declined. */
  decline: string | null;
  charge: string | null;
  reader: string | null;
  captures: number;
}

export interface RefundRow {
  readonly id: string;
  readonly intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly created: number;
}

/** What a bad day does to one call. `fault…` is a 500 that Stripe keeps under the key; `locked` a 409, `busy` a 429. */
export const MISCHIEF = [
  "decline",
  "partial",
  "duplicate",
  "time_out",
  "lose_answer",
  "fault",
  "fault_after",
  "locked",
  "busy",
  "garbage",
  "redirect",
] as const;
export type Mischief = (typeof MISCHIEF)[number];

/** What mischief is armed for: a reader's payment, any reading, or one of the changes. */
export type Armed = "payment" | "status" | "capture" | "void" | "refund";

/** The mock's state: intents, refunds, and what is armed for a hand-off. */
export class Books {
  readonly intents: IntentRow[] = [];
  readonly refunds: RefundRow[] = [];
  readonly #armed: { handoff: string; on: Armed; mischief: Mischief }[] = [];
  #ids = 0;
  /** Intents made from now on are not found by searching: Stripe's index is up to a minute behind. */
  searchLags = false;
  readonly hidden = new Set<string>();

  id(prefix: string): string {
    this.#ids += 1;
    return `${prefix}_mock${String(this.#ids).padStart(20, "0")}`;
  }

  add(fields: Pick<IntentRow, "amount" | "currency" | "types" | "metadata">): IntentRow {
    const row: IntentRow = {
      ...fields,
      id: this.id("pi"),
      created: 1_790_000_000 + this.intents.length,
      status: "requires_payment_method",
      authorized: 0,
      received: 0,
      decline: null,
      charge: null,
      reader: null,
      captures: 0,
    };
    this.intents.push(row);
    if (this.searchLags) this.hidden.add(row.id);
    return row;
  }

  arm(handoff: string, on: Armed, mischief: Mischief): void {
    this.#armed.push({ handoff, on, mischief });
  }

  take(handoff: string, on: Armed): Mischief | undefined {
    const at = this.#armed.findIndex((each) => each.handoff === handoff && each.on === on);
    return at < 0 ? undefined : this.#armed.splice(at, 1)[0]?.mischief;
  }

  refunded(intent: string): number {
    return this.refunds.filter((each) => each.intent === intent).reduce((sum, each) => sum + each.amount, 0);
  }
}
