import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { CloseBody } from "../../protocol/cart/messages.ts";
import { unreachable } from "../../protocol/result.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { cartObject } from "../env.ts";
import { deadlinesOf, type Deadline } from "./deadlines.ts";
import { admit, refuse, rowOf, type Desk } from "./desk.ts";
import type { EndState } from "./events.ts";
import { FINISH_AGAIN_MS } from "./limits.ts";
import { lookAround, lookAtEach } from "./look.ts";
import { tier1Events } from "./outbox.ts";
import { settle } from "./settle.ts";
import { isOver, type Trip } from "./trip.ts";

/** The shopper is done: paid, or with an empty cart. The one-trip number dies here. */
export async function takeClose(desk: Desk, signed: Signed<CloseBody>): Promise<WireAnswer> {
  const admission = await admit(desk, signed, false);
  if (admission.to === "answer") return admission.answer;
  if (admission.to === "resume") return refuse("session_over");
  const { trip } = admission;
  if (signed.envelope.body.lastSeq !== trip.nextSeq - 1) return refuse("seq", trip.nextSeq);
  const empty = trip.state === "shopping" && trip.basket.lines.size === 0;
  if (trip.state !== "paid" && !empty) return refuse("state");
  const { nonce } = await cartObject(desk.env, trip.cart).sessionEnded(trip.session);
  // When identity does not answer, the finish alarm asks it again: the close itself never waits for it.
  await desk.env.IDENTITY.end(trip.session);
  const body = encodeAnswer("close", { nonce });
  desk.ledger.take(rowOf(signed, { type: "ended", how: "closed" }, desk.now()), body);
  await desk.arm();
  return { ok: true, status: 200, body };
}

/** Ends a trip that no cart closes: left behind, left unpaid, or ended by staff. */
export function end(desk: Desk, how: EndState): void {
  desk.ledger.outcome({ type: "ended", how }, desk.now());
}

/** Does everything that is due and sets the alarm for the rest. Idempotent: an early or second ring finds nothing to do. */
export async function ring(desk: Desk): Promise<void> {
  desk.rang();
  const trip = desk.ledger.trip;
  if (trip === null) return;
  const due = deadlinesOf(trip).filter((deadline) => deadline.at <= desk.now());
  for (const { name } of due) await onDeadline(desk, name);
  if (desk.ledger.trip?.state === "settling") await stillSettling(desk, desk.ledger.trip);
  const after = desk.ledger.trip;
  if (after === null) return;
  // What has just ended (not closed by its cart, which may repeat its frames) is finished in the same ring.
  if (isOver(after)) return deadlinesOf(after).some(({ at }) => at <= desk.now()) ? finish(desk) : desk.arm();
  await lookAround(desk, after);
  await desk.arm();
}

/** The processor knows of no payment, and no terminal can begin one any more: the basket opens again. */
async function stillSettling(desk: Desk, trip: Trip): Promise<void> {
  const settled = await settle(desk, trip.settlement?.reference ?? null, null);
  const after = desk.ledger.trip;
  if (settled.nothing && after?.state === "settling" && (after.handoff?.expires ?? 0) <= desk.now())
    desk.ledger.outcome({ type: "handoff_dropped", why: "expired" }, desk.now());
}

async function onDeadline(desk: Desk, name: Deadline): Promise<void> {
  const trip = desk.ledger.trip;
  if (trip === null) return;
  switch (name) {
    case "idle":
      return end(desk, trip.state === "paid" ? "closed" : "abandoned");
    case "handoff":
      return handoffExpired(desk, trip);
    case "exit":
      return walkedOut(desk, trip);
    case "finish":
      return;
    default:
      return unreachable(name);
  }
}

/** Nobody paid in time. The processor is asked first: a terminal may have finished while the cart was out of reach. */
async function handoffExpired(desk: Desk, trip: Trip): Promise<void> {
  if (trip.handoff?.quote === null) {
    desk.ledger.outcome({ type: "handoff_dropped", why: "expired" }, desk.now());
    return;
  }
  const settled = await settle(desk, null, null);
  if (settled.nothing) desk.ledger.outcome({ type: "handoff_dropped", why: "expired" }, desk.now());
  else if (desk.ledger.trip?.state === "checkout") await desk.armAt(desk.now() + FINISH_AGAIN_MS);
}

/** Goods have left without payment: staff are told through the log and the roll-up; the shopper's link is not opened. */
async function walkedOut(desk: Desk, trip: Trip): Promise<void> {
  const settled = trip.handoff?.quote == null ? null : await settle(desk, null, null);
  if (settled !== null && !settled.nothing) return;
  const told = await desk.env.AUDIT.append({
    who: `cart:${trip.cart}`,
    kind: "walked_out",
    when: desk.now(),
    success: true,
    from: "session",
    on: `session:${trip.session}`,
    detail: { lines: trip.basket.lines.size, total_minor: trip.basket.totalMinor, scale_grams: trip.basket.scaleGrams },
  });
  if (told.ok) end(desk, "walked_out");
  else await desk.armAt(desk.now() + FINISH_AGAIN_MS);
}

/**
 * The session's last act: the number dies in identity, the cart is free, the events leave as Tier 1, the processor
 * holds nothing that is not paid for, and then the object holds nothing. Each step is idempotent; while a room does
 * not answer, all of it is tried again.
 */
async function finish(desk: Desk): Promise<void> {
  const trip = desk.ledger.trip;
  if (trip === null) return;
  const { journal } = desk.ledger;
  const ended = await desk.env.IDENTITY.end(trip.session);
  if (!ended.ok) return desk.armAt(desk.now() + FINISH_AGAIN_MS);
  await cartObject(desk.env, trip.cart).sessionEnded(trip.session);
  const events = tier1Events(journal.rows(), { written: journal.written, read: journal.read });
  const delivered = await desk.env.TELEMETRY.deliver({
    store: trip.store,
    cart: trip.cart,
    session: trip.session,
    key: trip.session,
    events,
  });
  if (!delivered.ok && delivered.reason === "unavailable") return desk.armAt(desk.now() + FINISH_AGAIN_MS);
  // `invalid` is final and a bug of ours: it is said, and the session still comes to its end.
  if (!delivered.ok) console.error(JSON.stringify({ event: "segment_refused", session: trip.session }));
  const next = await lookAtEach(desk, trip);
  if (next === null) await desk.deleteAll();
  else await desk.armAt(next);
}
