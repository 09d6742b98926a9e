import type { PaymentOutcome } from "../../protocol/cart/messages.ts";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { PaymentAnswer } from "../../protocol/pay/contract.ts";
import { fail } from "../../protocol/result.ts";
import type { HandoffClaim, PaymentResult, VoidReason } from "../../protocol/rooms/payments.ts";
import type { Quote } from "../../protocol/rooms/stores.ts";
import { tripRef, type Desk } from "./desk.ts";
import type { Verdict } from "./events.ts";
import { release } from "./look.ts";
import { judge } from "./settlement.ts";
import type { Handoff, Trip } from "./trip.ts";

/** Encodes the cart's answer so that it is stored with the row that decides it; null when a deadline asks, not a frame. */
export type Encode = ((outcome: PaymentOutcome, receipt: ReceiptReference | null) => Uint8Array) | null;

/** What a settlement came to, and the bytes that the cart gets. */
export interface Settled {
  readonly outcome: PaymentOutcome;
  readonly body: Uint8Array | null;
  /** The processor knows of no authorization for the hand-off: nothing is under way. */
  readonly nothing: boolean;
}

/**
 * Takes a hand-off as far as it goes: asked → matched → captured → sold. Each step is a row before the next outside
 * call, every call has the hand-off as its idempotency key, and each entry starts where the rows say the last one
 * stopped. So it may be called again by a repeat, by a new frame, by the alarm and after a crash.
 */
export async function settle(desk: Desk, reference: string | null, encode: Encode): Promise<Settled> {
  const trip = desk.ledger.trip;
  const handoff = trip?.handoff ?? null;
  const quote = handoff?.quote ?? null;
  if (trip !== null && trip.receipt !== null)
    return { outcome: "approved", body: encode?.("approved", trip.receipt) ?? null, nothing: false };
  if (trip === null || handoff === null || quote === null) return { outcome: "unknown", body: null, nothing: true };
  if (trip.settlement?.approved == null) {
    const asked = await authorized(desk, trip, handoff, quote, reference, encode);
    if (asked !== null) return asked;
  }
  return captured(desk, handoff, quote, encode);
}

/** Asks the processor and judges; null means approved: go on. */
async function authorized(
  desk: Desk,
  trip: Trip,
  handoff: Handoff,
  quote: Quote,
  reference: string | null,
  encode: Encode,
): Promise<Settled | null> {
  const asked = await desk.env.PAYMENTS.authorization(claimOf(trip, handoff, quote, reference));
  const answer = asked.ok ? asked.value : null;
  const verdict = judge(
    { handoff: handoff.id, store: trip.store, terminal: handoff.terminal, amount: quote.total },
    answer,
  );
  switch (verdict.verdict) {
    case "approved":
      desk.ledger.outcome({ type: "answered", answer, verdict }, desk.now());
      return null;
    case "pending":
    case "unknown":
      return record(desk, verdict, answer, verdict.verdict, encode);
    case "declined":
      return record(desk, verdict, answer, "declined", encode);
    case "mismatch": {
      const done = record(desk, verdict, answer, "declined", encode);
      await giveBack(desk, trip, verdict.why);
      return done;
    }
  }
}

function claimOf(trip: Trip, handoff: Handoff, quote: Quote, reference: string | null): HandoffClaim {
  return { trip: tripRef(trip), handoff: handoff.id, terminal: handoff.terminal, amount: quote.total, reference };
}

/** A row only when it changes something or a frame waits for its answer: asking again in vain costs nothing. */
function record(
  desk: Desk,
  verdict: Verdict,
  answer: PaymentAnswer | null,
  outcome: PaymentOutcome,
  encode: Encode,
): Settled {
  const body = encode?.(outcome, null) ?? null;
  const nothing = answer !== null && answer.state === "pending" && answer.processor_reference === null;
  const final = verdict.verdict === "declined" || verdict.verdict === "mismatch";
  const owed = verdict.verdict === "mismatch" && !owesRelease(desk);
  if (body !== null || owed || (final && desk.ledger.trip?.state === "settling"))
    desk.ledger.outcome({ type: "answered", answer, verdict }, desk.now(), body);
  return { outcome, body, nothing: nothing || final };
}

function owesRelease(desk: Desk): boolean {
  const trip = desk.ledger.trip;
  return trip?.outstanding.some(({ id, release: owed }) => id === trip.handoff?.id && owed !== null) ?? false;
}

/** The row of the mismatch owes the release: it is tried here, and from the alarm until the processor says void. */
async function giveBack(desk: Desk, trip: Trip, why: VoidReason): Promise<void> {
  await desk.env.AUDIT.append({
    who: `cart:${trip.cart}`,
    kind: "payment_mismatch",
    when: desk.now(),
    success: false,
    from: "session",
    on: `session:${trip.session}`,
    detail: { why },
  });
  const owed = desk.ledger.trip?.outstanding.find(({ id }) => id === trip.handoff?.id);
  if (owed?.release != null) await release(desk, owed, owed.release);
}

async function captured(desk: Desk, handoff: Handoff, quote: Quote, encode: Encode): Promise<Settled> {
  const settlement = desk.ledger.trip?.settlement ?? null;
  const approved = settlement?.approved ?? null;
  if (approved === null) return { outcome: "unknown", body: null, nothing: false };
  if (settlement?.captured == null) {
    const taken = await desk.env.PAYMENTS.capture(handoff.id, approved.id, quote.total);
    const known = taken.ok || taken.reason !== "refused" ? taken : await refusedCapture(desk, handoff, quote);
    if (!known.ok) return record(desk, { verdict: "pending" }, approved, "pending", encode);
    if (known.value.state === "approved" && !taken.ok) return refusedFor(desk, known.value, encode);
    if (known.value.state !== "captured") {
      const gone = known.value.state === "declined" || known.value.state === "voided";
      return record(desk, { verdict: gone ? "declined" : "pending" }, approved, gone ? "declined" : "pending", encode);
    }
    desk.ledger.outcome({ type: "captured", answer: known.value }, desk.now());
  }
  return sold(desk, handoff, quote, approved, encode);
}

/** The processor will not take the money of what it had approved: asked anew, it says what has become of it. */
async function refusedCapture(desk: Desk, handoff: Handoff, quote: Quote): Promise<PaymentResult> {
  const trip = desk.ledger.trip;
  if (trip === null) return fail("unavailable");
  return desk.env.PAYMENTS.authorization(claimOf(trip, handoff, quote, null));
}

/** Still approved, but not to be captured: it is given back, and the shopper pays anew. */
async function refusedFor(desk: Desk, answer: PaymentAnswer, encode: Encode): Promise<Settled> {
  const done = record(desk, { verdict: "mismatch", why: "capture_refused" }, answer, "declined", encode);
  if (desk.ledger.trip !== null) await giveBack(desk, desk.ledger.trip, "capture_refused");
  return done;
}

/** The money is taken: from here on it is `approved`, even while the POS keeps the receipt waiting. */
async function sold(
  desk: Desk,
  handoff: Handoff,
  quote: Quote,
  approved: PaymentAnswer,
  encode: Encode,
): Promise<Settled> {
  const trip = desk.ledger.trip;
  if (trip === null || approved.emv === null)
    return record(desk, { verdict: "approved" }, approved, "approved", encode);
  const sale = await desk.env.STORES.sell({
    store: trip.store,
    session: trip.session,
    cart: trip.cart,
    handoff: handoff.id,
    quote,
    startedAt: trip.openedAt,
    paidAt: trip.settlement?.since ?? desk.now(),
    emv: approved.emv,
  });
  if (!sale.ok) return record(desk, { verdict: "approved" }, approved, "approved", encode);
  const body = encode?.("approved", sale.value) ?? null;
  desk.ledger.outcome({ type: "sold", receipt: sale.value }, desk.now(), body);
  return { outcome: "approved", body, nothing: false };
}
