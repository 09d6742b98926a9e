import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { IdentityAnswer, IdentityBody } from "../../protocol/cart/messages.ts";
import type { CardToken } from "../../protocol/ids.ts";
import { ok } from "../../protocol/result.ts";
import type { IdentifyResult } from "../../protocol/rooms/identity.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { admit, digestOf, refuse, rowOf, tripRef, type Desk } from "./desk.ts";
import { MAX_INTRODUCTIONS } from "./limits.ts";
import type { Trip } from "./trip.ts";

/**
 * Learns the shopper as a one-trip number, or forgets them. Neither the credential nor the nickname is stored, so
 * a repeat asks identity again, which is idempotent for the session, and gets the same answer.
 */
export async function takeIdentity(desk: Desk, signed: Signed<IdentityBody>): Promise<WireAnswer> {
  const admission = await admit(desk, signed, false);
  if (admission.to === "answer") return admission.answer;
  const { trip } = admission;
  const { body } = signed.envelope;
  if (admission.to === "take") {
    if (trip.state !== "shopping" && trip.state !== "checkout") return refuse("state");
    desk.ledger.take(
      rowOf(signed, { type: "identity", kind: body.kind }, desk.now(), await digestOf(signed.frame)),
      null,
    );
  }
  // A late repeat of what a later frame has taken back: asking again would bring the shopper back on the trip.
  if (admission.to === "resume" && isSuperseded(desk, signed.envelope.seq))
    return { ok: true, status: 200, body: encodeAnswer("identity", { status: "not_linked" }) };
  // Past the limit every number is unknown: who tries them all learns nothing, and the trip goes on anonymous.
  const tries = body.kind === "loyalty" || body.kind === "card";
  const spent = tries && (desk.ledger.trip?.introductions ?? 0) > MAX_INTRODUCTIONS;
  const result = await ask(desk, trip, spent ? { kind: "unlink" } : body);
  if (!result.ok) {
    // The number must be stored nowhere, its frame's digest included; the sequence number is free again.
    if (result.reason === "pan_detected" && admission.to === "take") desk.ledger.withdraw(signed.envelope.seq);
    return refuse(result.reason);
  }
  const answer: IdentityAnswer = result.value;
  const customer = answer.status === "linked" ? answer.customer : null;
  const now = desk.ledger.trip;
  const isLast = now !== null && now.nextSeq === signed.envelope.seq + 1;
  if (isLast && (admission.to === "take" || now.customer !== customer)) {
    desk.ledger.outcome({ type: "identified", customer, pending: answer.status === "pending" }, desk.now());
  }
  desk.ledger.drain();
  await desk.arm();
  return { ok: true, status: 200, body: encodeAnswer("identity", answer) };
}

function isSuperseded(desk: Desk, seq: number): boolean {
  const rows = desk.ledger.journal.rows();
  return rows.some((row) => row.seq > seq && row.step === 0 && row.event.type === "identity");
}

/** Time-outs are the rooms' own; a throw (the room is down) counts as no answer. */
async function ask(desk: Desk, trip: Trip, body: IdentityBody): Promise<IdentifyResult> {
  const { IDENTITY, PAYMENTS } = desk.env;
  switch (body.kind) {
    case "loyalty":
      return IDENTITY.byLoyalty(tripRef(trip), body.value);
    case "pairing":
      return IDENTITY.byPairing(tripRef(trip), body.value);
    case "card":
      return PAYMENTS.identifyByCard(tripRef(trip), body.value as CardToken);
    case "unlink": {
      const done = await IDENTITY.unlink(tripRef(trip));
      return done.ok ? ok({ status: "not_linked" }) : done;
    }
  }
}
