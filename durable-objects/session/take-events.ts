import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { EventsBody } from "../../protocol/cart/messages.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { changedLines } from "./basket.ts";
import { admit, refuse, rowOf, type Desk } from "./desk.ts";
import { MAX_LINES } from "./limits.ts";
import { PriceCache, priced } from "./prices.ts";
import type { Trip } from "./trip.ts";

/** One for the isolate: all its sessions of a store scan the same goods. */
const PRICES = new PriceCache();

/** Scans, removals, weights, health, faults: one frame, one row, one answer. An early frame is kept and waits. */
export async function takeEvents(desk: Desk, signed: Signed<EventsBody>): Promise<WireAnswer> {
  const admission = await admit(desk, signed, true);
  if (admission.to === "answer") return admission.answer;
  if (admission.to === "resume") return refuse("seq", admission.trip.nextSeq);
  const { trip } = admission;
  const { events } = signed.envelope.body;
  // What is acknowledged is kept: so what can't be added to a basket that is being paid, or is full, is refused.
  const changes = events.filter(({ kind }) => kind === "scan" || kind === "remove").length;
  if (changes > 0 && (trip.state === "settling" || trip.state === "paid")) return refuse("state");
  if (changes > 0 && trip.basket.lines.size + changes > MAX_LINES && events.some(({ kind }) => kind === "scan"))
    return refuse("invalid_field");
  const facts = await priced(events, trip.store, desk.env.STORES, PRICES, desk.now());
  if (!facts.ok) return refuse("unavailable");

  const row = rowOf(signed, { type: "events", events: facts.value }, desk.now());
  if (admission.place === "ahead") {
    const body = answerOf(trip, trip);
    desk.ledger.keep(row, body);
    return { ok: true, status: 200, body };
  }
  const after = desk.ledger.preview(row);
  const body = answerOf(trip, after);
  desk.ledger.takePreviewed(row, body, after);
  await desk.arm();
  return { ok: true, status: 200, body };
}

function answerOf(before: Trip, after: Trip): Uint8Array {
  return encodeAnswer("events", {
    seq: after.nextSeq - 1,
    lines: changedLines(before.basket, after.basket),
    totalMinor: after.basket.totalMinor,
    holds: after.basket.holds,
  });
}
