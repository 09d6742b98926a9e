import { DurableObject } from "cloudflare:workers";
import type { HandoffId, ReceiptReference } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { HandoffClaim } from "../../protocol/rooms/payments.ts";
import type { Refunded, RefundOrder, RefundReasonRefused } from "../../protocol/rooms/sessions.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { checkEnv, type Env } from "../env.ts";
import { Serially } from "../serially.ts";
import { askAgain } from "../session/deadlines.ts";
import { ASK_AGAIN_FIRST_MS } from "../session/limits.ts";
import { isLeft, isOpen, repeatOf, shown, totalOf } from "./refund.ts";
import { RefundRows } from "./refund-rows.ts";

/** How often a case that rests looks whether its time is over: thirty days, as each look bills a row. */
const LOOK_AGAIN_MS = 30 * 86_400_000;

type Outcome = Result<Refunded, RefundReasonRefused>;

/**
 * All refunds of one receipt, one after the other: the object is named by the receipt's reference, so two can never
 * count on the same goods. Each is meant (a row), then the money goes back, then the POS books it with a correcting
 * receipt; what has no answer is carried on by the next order and by the alarm, under the same key.
 */
export class RefundCase extends DurableObject<Env> {
  readonly #rows: RefundRows;
  readonly #turns = new Serially();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
    this.#rows = new RefundRows(ctx.storage.sql);
  }

  refund(order: RefundOrder): Promise<Outcome> {
    return this.#turns.run(async () => {
      const known = repeatOf(this.#rows.all, order, Date.now());
      if (known === "mismatch") return fail("idempotency_mismatch");
      const sold = await this.env.STORES.sold(order.receipt);
      if (!sold.ok) return fail(sold.reason === "unknown" ? "unknown_receipt" : "unavailable");
      await this.#carryOnAll(sold.value.receipt);
      if (known !== undefined) return this.#answerOf(known.id);
      return this.#begin(order, sold.value.receipt, sold.value.handoff);
    });
  }

  override alarm(): Promise<void> {
    return this.#turns.run(async () => {
      const [open] = this.#rows.all.filter(isOpen);
      if (open === undefined) return this.#rest();
      try {
        const sold = await this.env.STORES.sold(open.order.receipt);
        if (sold.ok) await this.#carryOnAll(sold.value.receipt);
      } catch (error) {
        // The runtime gives an alarm up after a few failures; a refund under way must not end with it.
        console.error(JSON.stringify({ event: "refund_failed", error: error instanceof Error ? error.name : "" }));
      }
      if (this.#rows.all.some(isOpen)) await this.ctx.storage.setAlarm(askAgain(open.at, Date.now()));
      else await this.#rest();
    });
  }

  /** Nothing is under way: the case stays as long as the receipt that more may come back on, then nothing of it does. */
  async #rest(): Promise<void> {
    const last = this.#rows.all.reduce((latest, { at }) => Math.max(latest, at), 0);
    if (last >= cutoffOf(timedRule("refund_cases").term, Date.now())) {
      await this.ctx.storage.setAlarm(Date.now() + LOOK_AGAIN_MS);
      return;
    }
    await this.ctx.storage.deleteAll();
    this.#rows.forget();
  }

  async #begin(order: RefundOrder, receipt: Receipt, handoff: HandoffId): Promise<Outcome> {
    // The POS counts on what it has booked: what is still under way must come to its end first.
    if (this.#rows.all.some(isOpen)) return fail("unavailable");
    if (!isLeft(receipt, this.#rows.all, order.lines)) return fail("too_many");
    const id = crypto.randomUUID();
    const quote = await this.env.STORES.quoteRefund(order.receipt, id, order.lines);
    if (!quote.ok) return fail(quote.reason);
    if (totalOf(this.#rows.all) + quote.value.total.minor > receipt.totalMinor) return fail("too_many");
    if (!(await this.#logged(order, id, quote.value.total.minor))) return fail("unavailable");
    const reference = receiptReference(crypto.getRandomValues(new Uint8Array(16)));
    // Before the first row is on disk and before any money moves: whoever crashes now is called again.
    await this.ctx.storage.setAlarm(Date.now() + ASK_AGAIN_FIRST_MS);
    this.#rows.begin({ type: "meant", id, order, quote: quote.value, handoff, reference }, Date.now());
    await this.#carryOnAll(receipt);
    return this.#answerOf(id);
  }

  async #carryOnAll(receipt: Receipt): Promise<void> {
    for (const [number, refund] of this.#rows.all.entries()) if (isOpen(refund)) await this.#carryOn(number, receipt);
  }

  async #carryOn(number: number, receipt: Receipt): Promise<void> {
    const refund = this.#rows.all[number];
    if (refund === undefined) return;
    if (refund.state === "meant") {
      const given = await this.env.PAYMENTS.refund(claimOf(receipt, refund.handoff), refund.id, refund.quote.total);
      if (!given.ok && given.reason === "unavailable") return;
      this.#rows.outcome(number, { type: given.ok ? "money_returned" : "refused" }, Date.now());
      if (!given.ok) return;
    }
    const { id, quote, reference, order, at } = refund;
    const booking = { refund: id, original: order.receipt, reference, quote, reason: order.reason, at };
    // The money is back: a POS that refuses leaves the refund open, for staff to see, and is asked again.
    if ((await this.env.STORES.bookRefund(booking)).ok) this.#rows.outcome(number, { type: "booked" }, Date.now());
  }

  #answerOf(id: string): Outcome {
    const refund = this.#rows.all.find((each) => each.id === id);
    if (refund === undefined || refund.state === "refused") return fail("refused");
    return ok(shown(refund));
  }

  /** Staff act only once the act is in the log (fails closed). */
  async #logged(order: RefundOrder, id: string, totalMinor: number): Promise<boolean> {
    const logged = await this.env.AUDIT.append({
      who: `staff:${order.staff}`,
      kind: "staff_override",
      when: Date.now(),
      success: true,
      from: "refund",
      on: `receipt:${order.receipt}`,
      detail: { act: "refund", reason: order.reason, refund: id, lines: order.lines.length, total_minor: totalMinor },
    });
    return logged.ok;
  }
}

/** The hand-off's claim as the session made it: the receipt says all of it. */
function claimOf(receipt: Receipt, handoff: HandoffId): HandoffClaim {
  // The cart is no part of what the CDE was told; any well-formed serial stands for it.
  const cart = "0".repeat(32) as HandoffClaim["trip"]["cart"];
  return {
    trip: { session: receipt.session, store: receipt.store.id, cart },
    handoff,
    terminal: receipt.payment.terminal,
    amount: { minor: receipt.totalMinor, currency: receipt.currency },
    reference: null,
  };
}

/** 128 random bits as 22 characters of base64url. */
function receiptReference(random: Uint8Array): ReceiptReference {
  const base64 = btoa(String.fromCharCode(...random));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") as ReceiptReference;
}
