import { fromHex, hex } from "../../protocol/bytes.ts";
import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { CheckoutBody } from "../../protocol/cart/messages.ts";
import type { HandoffId } from "../../protocol/ids.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import type { SaleLine } from "../../protocol/rooms/stores.ts";
import type { Line } from "./basket.ts";
import { handoffLife } from "../env.ts";
import { admit, refuse, rowOf, tripRef, type Desk } from "./desk.ts";
import { basketDigest } from "./digest.ts";
import type { Trip } from "./trip.ts";

/** Freezes the basket, asks the store's POS what is to be paid, and hands that to a terminal. */
export async function takeCheckout(desk: Desk, signed: Signed<CheckoutBody>): Promise<WireAnswer> {
  const admission = await admit(desk, signed, false);
  if (admission.to === "answer") return admission.answer;
  const { trip } = admission;
  if (admission.to === "take") {
    const refused = whyNot(trip, signed.envelope.body);
    if (refused !== null) return refused;
    await dropDeadNumber(desk, trip);
    const handoff = crypto.randomUUID() as HandoffId;
    const digest = hex(await basketDigest({ lines: saleLines(trip) }, handoff));
    desk.ledger.take(
      rowOf(signed, { type: "checkout", handoff, terminal: signed.envelope.body.terminal, digest }, desk.now()),
      null,
    );
  }
  return quoted(desk, signed.envelope.seq);
}

function whyNot(trip: Trip, body: CheckoutBody): WireAnswer | null {
  if (body.lastSeq !== trip.nextSeq - 1) return refuse("seq", trip.nextSeq);
  if (trip.state !== "shopping" && trip.state !== "checkout") return refuse("state");
  if (trip.basket.lines.size === 0 || trip.basket.holds.length > 0) return refuse("state");
  if (!trip.facts.terminals.includes(body.terminal)) return refuse("invalid_field");
  return null;
}

/**
 * The number may have ended outside this object: a replayed pairing, or a card or number that was given to another. Then
 * the trip goes on anonymous, no row has the number any more, and whoever follows it is told. Costs no row of its own.
 * Failure policy: open; the number releases nothing from here on, so a room that is down holds up no checkout.
 */
async function dropDeadNumber(desk: Desk, trip: Trip): Promise<void> {
  if (trip.customer === null) return;
  const alive = await desk.env.IDENTITY.isAlive(tripRef(trip), trip.customer);
  if (alive.ok && !alive.value) desk.ledger.forgetCustomers();
}

/** The second half, which a repeat of the frame enters again when the POS did not answer the first time. */
async function quoted(desk: Desk, seq: number): Promise<WireAnswer> {
  const { trip } = desk.ledger;
  if (trip?.handoff === null || trip === null || trip.state !== "checkout") return refuse("seq", trip?.nextSeq);
  const { handoff } = trip;
  const asked = await desk.env.STORES.quote(trip.store, trip.session, handoff.id, saleLines(trip));
  if (!asked.ok) {
    // A refusal changes nothing: the number is free again, or the cart's next frame of it would contradict this one.
    if (asked.reason !== "unavailable") {
      if (trip.nextSeq !== seq + 1) return refuse("seq", trip.nextSeq);
      desk.ledger.withdraw(seq);
      return refuse("state");
    }
    await desk.arm();
    return refuse("unavailable");
  }
  const expires = desk.now() + handoffLife(desk.env);
  const body = encodeAnswer("checkout", {
    handoff: handoff.id,
    amount: asked.value.total,
    expires,
    basketDigest: fromHex(handoff.digest),
  });
  desk.ledger.outcome({ type: "quoted", quote: asked.value, expires }, desk.now(), body);
  desk.ledger.drain();
  await desk.arm();
  return { ok: true, status: 200, body };
}

/** The basket as the POS and the receipt know it. Lines without a known item never get here: they are holds. */
export function saleLines(trip: Trip): SaleLine[] {
  return [...trip.basket.lines.values()].flatMap((line) => saleLine(line));
}

function saleLine({ line, item, quantity, totalMinor }: Line): SaleLine[] {
  if (item === null) return [];
  return [
    {
      line,
      item: item.item,
      name: item.name,
      quantity,
      grams: item.grams,
      unitMinor: item.unitMinor,
      totalMinor,
      taxClass: item.taxClass,
    },
  ];
}
