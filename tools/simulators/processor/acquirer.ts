import { behaviourOfAmount, LATE_MS, type Behaviour, type Operation } from "./behaviour.ts";
import { emvBlock, hexOf, hmac } from "./emv.ts";
import type { Ledger, PaymentRow } from "./ledger.ts";
import type { AmountOrder, PaymentOrder } from "./requests.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** How the answer is to be delivered, or kept back. */
  readonly delivery: Behaviour;
}

/**
 * The acquirer's decisions over its books. Whatever is decided and written happens in one turn of the object,
 * so equal calls at the same time are one.
 */
export class Acquirer {
  readonly #ledger: Ledger;
  readonly #key: string;

  constructor(ledger: Ledger, key: string) {
    this.#ledger = ledger;
    this.#key = key;
  }

  /** A payment of a terminal, or of a card that is not present. `time_out` leaves nothing behind: the order was never received. */
  async pay(order: PaymentOrder, idempotencyKey: string, now: number): Promise<Answer> {
    const digest = hexOf(await hmac(this.#key, JSON.stringify(order)));
    const { amountMinor, currency, terminal, store } = order;
    const { entry } = order;
    const card = entry === null ? null : { ...order, entry, nonce: `${order.handoff}|${idempotencyKey}` };
    const approved = card && (await emvBlock(card, true, this.#key));
    const declined = card && (await emvBlock(card, false, this.#key));
    const replayed = this.#replay(idempotencyKey, digest);
    if (replayed !== undefined) return replayed;

    const behaviour = this.#ledger.take("payment", order.handoff) ?? behaviourOfAmount(amountMinor);
    if (behaviour === "time_out") return { status: 504, body: problem("time_out"), delivery: behaviour };
    const refused = behaviour === "decline";
    const authorizedMinor = refused ? 0 : behaviour === "partial" ? Math.floor(amountMinor / 2) : amountMinor;
    const row: PaymentRow = {
      reference: newReference(),
      handoff: order.handoff,
      requestedMinor: amountMinor,
      authorizedMinor,
      currency,
      terminal,
      store,
      state: refused ? "declined" : "authorized",
      emv: refused ? declined : approved,
      created: now,
      decided: behaviour === "answer_late" ? now + LATE_MS : now,
    };
    this.#ledger.add(row);
    this.#announce(row, row.state, now);
    if (behaviour === "duplicate") this.#ledger.add({ ...row, reference: newReference(), created: now + 1 });
    // The answer that is kept is the decided one: a late terminal gets it when it asks again.
    return this.#keep(idempotencyKey, digest, 201, this.#view(row, row.decided), behaviour);
  }

  async capture(reference: string, order: AmountOrder, idempotencyKey: string, now: number): Promise<Answer> {
    return this.#change("capture", reference, order, idempotencyKey, now, (row) => {
      if (row.state !== "authorized") return "state";
      if (order.currency !== row.currency || order.amountMinor > row.authorizedMinor) return "amount";
      this.#ledger.move(reference, "capture", order.amountMinor);
      this.#ledger.setState(reference, "captured");
      return undefined;
    });
  }

  async void(reference: string, idempotencyKey: string, now: number): Promise<Answer> {
    return this.#change("void", reference, null, idempotencyKey, now, (row) => {
      if (row.state !== "authorized") return "state";
      this.#ledger.setState(reference, "voided");
      return undefined;
    });
  }

  async refund(reference: string, order: AmountOrder, idempotencyKey: string, now: number): Promise<Answer> {
    return this.#change("refund", reference, order, idempotencyKey, now, (row) => {
      if (row.state !== "captured") return "state";
      const left = this.#ledger.moved(reference, "capture").minor - this.#ledger.moved(reference, "refund").minor;
      if (order.currency !== row.currency || order.amountMinor > left) return "amount";
      this.#ledger.move(reference, "refund", order.amountMinor);
      return undefined;
    });
  }

  status(reference: string, now: number): Answer {
    const row = this.#ledger.payment(reference);
    if (row === undefined) return { status: 404, body: problem("not_found"), delivery: "approve" };
    return { status: 200, body: this.#view(row, now), delivery: this.#ledger.take("status", row.handoff) ?? "approve" };
  }

  ofHandoff(handoff: string, now: number): Answer {
    const views = this.#ledger.ofHandoff(handoff).map((row) => this.#view(row, now));
    return {
      status: 200,
      body: `{"payments":[${views.join(",")}]}`,
      delivery: this.#ledger.take("status", handoff) ?? "approve",
    };
  }

  async #change(
    operation: Operation,
    reference: string,
    order: AmountOrder | null,
    idempotencyKey: string,
    now: number,
    apply: (row: PaymentRow) => "state" | "amount" | undefined,
  ): Promise<Answer> {
    const digest = hexOf(await hmac(this.#key, JSON.stringify([operation, reference, order])));
    const row = this.#ledger.payment(reference);
    if (row === undefined) return { status: 404, body: problem("not_found"), delivery: "approve" };
    const behaviour = this.#ledger.take(operation, row.handoff) ?? "approve";
    const replayed = this.#replay(idempotencyKey, digest);
    if (replayed !== undefined) return { ...replayed, delivery: behaviour };
    if (behaviour === "time_out") return { status: 504, body: problem("time_out"), delivery: behaviour };
    if (behaviour === "decline") return this.#keep(idempotencyKey, digest, 409, problem("declined"), behaviour);
    const refused = row.decided > now ? "state" : apply(row);
    if (refused !== undefined) return { status: 409, body: problem(refused), delivery: behaviour };
    this.#announce(row, operation, now);
    return this.#keep(idempotencyKey, digest, 200, this.#view(this.#ledger.payment(reference) ?? row, now), behaviour);
  }

  /** A webhook is only sent when one is armed: who tests without them is not asked about payments unawares. */
  #announce(row: PaymentRow, what: string, now: number): void {
    const behaviour = this.#ledger.take("webhook", row.handoff);
    if (behaviour === undefined) return;
    const event = newReference();
    const due = behaviour === "answer_late" ? now + LATE_MS : now;
    const times = behaviour === "duplicate" ? 2 : 1;
    for (let time = 0; time < times; time += 1)
      this.#ledger.announce({ event, type: `payment.${what}`, payment: row.reference, due });
  }

  #replay(idempotencyKey: string, digest: string): Answer | undefined {
    const before = this.#ledger.answered(idempotencyKey);
    if (before === undefined) return undefined;
    if (before.digest !== digest) return { status: 422, body: problem("idempotency_mismatch"), delivery: "approve" };
    return { status: before.status, body: before.body, delivery: "approve" };
  }

  #keep(idempotencyKey: string, digest: string, status: number, body: string, delivery: Behaviour): Answer {
    this.#ledger.answer(idempotencyKey, digest, status, body);
    return { status, body, delivery };
  }

  #view(row: PaymentRow, now: number): string {
    const captures = this.#ledger.moved(row.reference, "capture");
    const processing = row.decided > now;
    return JSON.stringify({
      reference: row.reference,
      handoff: row.handoff,
      state: processing ? "processing" : row.state,
      requested_minor: row.requestedMinor,
      authorized_minor: processing ? 0 : row.authorizedMinor,
      currency: row.currency,
      terminal: row.terminal,
      store: row.store,
      emv: processing ? null : row.emv,
      created: row.created,
      captures: captures.count,
      captured_minor: captures.minor,
      refunded_minor: this.#ledger.moved(row.reference, "refund").minor,
    });
  }
}

export function problem(code: string): string {
  return JSON.stringify({ type: "about:blank", title: "The processor refuses the call", code });
}

function newReference(): string {
  return `PSP-${hexOf(crypto.getRandomValues(new Uint8Array(10)))}`;
}
