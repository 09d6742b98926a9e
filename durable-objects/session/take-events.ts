import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { BasketLine, EventsBody } from "../../protocol/cart/messages.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { changedLines, shown } from "./basket.ts";
import { admit, refuse, rowOf, type Desk } from "./desk.ts";
import { CART_ANSWER_BYTES, MAX_LINES } from "./limits.ts";
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
    // A new boot is told what there is already now: the frame before this one may be none that is answered with lines.
    const body = answerOf(trip, { ...trip, shownBoot: row.boot });
    desk.ledger.keep(row, body);
    return { ok: true, status: 200, body };
  }
  const after = desk.ledger.preview(row);
  const body = answerOf(trip, after);
  desk.ledger.takePreviewed(row, body, after);
  await desk.arm();
  return { ok: true, status: 200, body };
}

/**
 * The lines that the frame changed. For a boot that has been told nothing, every line is a change: its panel is empty after
 * a power loss. Then the unchanged ones come first, oldest line first, and the oldest are left out as far as a cart's
 * buffer asks (CART_ANSWER_BYTES); what the frame itself changed is never left out.
 */
function answerOf(before: Trip, after: Trip): Uint8Array {
  const changed = changedLines(before.basket, after.basket);
  const answer = (lines: readonly BasketLine[]) =>
    encodeAnswer("events", {
      seq: after.nextSeq - 1,
      lines: [...lines, ...changed],
      totalMinor: after.basket.totalMinor,
      holds: after.basket.holds,
    });
  if (after.shownBoot === before.shownBoot) return answer([]);
  const told = new Set(changed.map(({ line }) => line));
  const rest = [...after.basket.lines.values()].filter(({ line }) => !told.has(line)).map(shown);
  return longestThatFits(rest, answer);
}

/** With as many of the newest lines as fit; found by halving, as a basket has up to MAX_LINES. */
function longestThatFits(
  lines: readonly BasketLine[],
  answer: (some: readonly BasketLine[]) => Uint8Array,
): Uint8Array {
  let [from, least, best] = [0, lines.length, answer([])];
  while (from < least) {
    const middle = Math.floor((from + least) / 2);
    const tried = answer(lines.slice(middle));
    if (tried.length <= CART_ANSWER_BYTES) [least, best] = [middle, tried];
    else from = middle + 1;
  }
  return best;
}
