import { fromHex } from "../../protocol/bytes.ts";
import { sameBytes } from "../../protocol/bytes.ts";
import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { PaymentBody } from "../../protocol/cart/messages.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { admit, refuse, rowOf, type Desk } from "./desk.ts";
import { settle, type Encode } from "./settle.ts";
import type { Trip } from "./trip.ts";

const ENCODE: Encode = (outcome, receipt) => encodeAnswer("payment", { outcome, receipt });

/** The cart brings the terminal's authorization reference: a hint. The processor is asked, never the cart believed. */
export async function takePayment(desk: Desk, signed: Signed<PaymentBody>): Promise<WireAnswer> {
  const admission = await admit(desk, signed, false);
  if (admission.to === "answer") return admission.answer;
  const { body } = signed.envelope;
  if (admission.to === "take") {
    if (!isForHandoff(admission.trip, body)) return refuse("state");
    const row = rowOf(signed, { type: "payment", reference: body.reference }, desk.now());
    if (admission.trip.receipt !== null) {
      // Asked again after all is done, for a receipt that was late.
      const answer = encodeAnswer("payment", { outcome: "approved", receipt: admission.trip.receipt });
      desk.ledger.take(row, answer);
      return { ok: true, status: 200, body: answer };
    }
    desk.ledger.take(row, null);
  }
  const settled = await settle(desk, body.reference, ENCODE);
  desk.ledger.drain();
  await desk.arm();
  // Without a body the hand-off was dropped meanwhile. The frame's number is spent, which `state` would deny.
  if (settled.body === null) return refuse("seq", desk.ledger.trip?.nextSeq);
  return { ok: true, status: 200, body: settled.body };
}

function isForHandoff(trip: Trip, body: PaymentBody): boolean {
  const { handoff } = trip;
  if (handoff === null || handoff.quote === null || handoff.id !== body.handoff) return false;
  if (!sameBytes(fromHex(handoff.digest), body.basketDigest)) return false;
  return trip.state === "checkout" || trip.state === "settling" || trip.state === "paid";
}
