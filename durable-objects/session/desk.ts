import { sameBytes } from "../../protocol/bytes.ts";
import type { CartError } from "../../protocol/cart/codes.ts";
import type { Trip as TripOfIdentity } from "../../protocol/rooms/identity.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { parseFrame } from "../../protocol/cart/cose.ts";
import { cartObject, type Env } from "../env.ts";
import { askAgain, nextAlarm } from "./deadlines.ts";
import type { TripEvent } from "./events.ts";
import { Journal } from "./journal.ts";
import { Ledger, type FrameRow } from "./ledger.ts";
import { placeOf, repeatOf } from "./sequence.ts";
import { isOver, type Trip } from "./trip.ts";

/** What every command of a session works with: its ledger, the other rooms, the clock, and the one alarm. */
export class Desk {
  readonly env: Env;
  readonly ledger: Ledger;
  readonly #storage: DurableObjectStorage;
  /** When the alarm rings; undefined until asked, null when it is not set. */
  #armed: number | null | undefined;

  constructor(storage: DurableObjectStorage, env: Env) {
    this.env = env;
    this.#storage = storage;
    this.ledger = new Ledger(new Journal(storage.sql));
  }

  now(): number {
    return Date.now();
  }

  /** Sets the alarm if the next deadline comes before it rings; a later one is re-armed when it rings. A row each time. */
  async arm(): Promise<void> {
    const { trip } = this.ledger;
    if (trip === null) return;
    const since = trip.settlement?.since ?? null;
    const next = nextAlarm(trip, since === null ? null : askAgain(since, this.now()), this.now());
    if (next !== null) await this.armAt(next);
  }

  async armAt(at: number): Promise<void> {
    this.#armed ??= await this.#storage.getAlarm();
    if (this.#armed !== null && this.#armed <= at) return;
    await this.#storage.setAlarm(at);
    this.ledger.journal.written += 1;
    this.#armed = at;
  }

  /** The alarm has rung: it is no longer set. */
  rang(): void {
    this.#armed = null;
  }

  async deleteAll(): Promise<void> {
    await this.#storage.deleteAll();
    this.ledger.forget();
    this.#armed = null;
  }
}

export function refuse(code: CartError["code"], expected?: number): WireAnswer {
  return { ok: false, error: expected === undefined ? { code } : { code, expected } };
}

/** How identity and payments know the trip. */
export function tripRef(trip: Trip): TripOfIdentity {
  return { session: trip.session, store: trip.store, cart: trip.cart };
}

/** A frame as it is stored. Identity frames carry a credential: only their digest is kept (decision 0003). */
export function rowOf(
  signed: Signed<unknown>,
  event: TripEvent,
  at: number,
  frame: Uint8Array = signed.frame,
): FrameRow {
  return { seq: signed.envelope.seq, boot: signed.envelope.boot, at, event, frame };
}

export type Admission =
  | { readonly to: "take"; readonly trip: Trip; readonly place: "next" | "ahead" }
  /** The frame was taken before, and its command did not get to its answer: go on from there. */
  | { readonly to: "resume"; readonly trip: Trip; readonly event: TripEvent }
  | { readonly to: "answer"; readonly answer: WireAnswer };

/** Decides what a verified frame is to this session: new, early, a repeat, a contradiction, or none of its business. */
export async function admit(desk: Desk, signed: Signed<unknown>, mayWait: boolean): Promise<Admission> {
  // A command that another room did not answer leaves frames waiting behind it: they are due now.
  desk.ledger.drain();
  const { trip } = desk.ledger;
  if (trip === null || trip.cart !== signed.cart) return { to: "answer", answer: refuse("no_session") };
  const { seq } = signed.envelope;
  const place = placeOf(seq, trip.nextSeq, desk.ledger.waiting, mayWait);
  if (place === "taken") return repeated(desk, trip, signed);
  if (trip.quarantined) return { to: "answer", answer: refuse("cart_quarantined") };
  if (isOver(trip)) return { to: "answer", answer: refuse("session_over") };
  if (place === "gap") return { to: "answer", answer: refuse("seq", trip.nextSeq) };
  return { to: "take", trip, place };
}

async function repeated(desk: Desk, trip: Trip, signed: Signed<unknown>): Promise<Admission> {
  const { seq, boot } = signed.envelope;
  const rows = desk.ledger.journal.rowsOf(seq);
  const first = rows[0];
  if (first === undefined || first.frame === null || first.step !== 0)
    return { to: "answer", answer: refuse("seq", trip.nextSeq) };
  if (first.event.type === "identity") {
    const same = sameBytes(first.frame, await digestOf(signed.frame));
    return same ? { to: "resume", trip, event: first.event } : { to: "answer", answer: refuse("seq", trip.nextSeq) };
  }
  switch (repeatOf({ boot: first.boot, payload: payloadOf(first.frame) }, { boot, payload: payloadOf(signed.frame) })) {
    case "repeat": {
      const answer = rows.findLast((row) => row.answer !== null)?.answer ?? null;
      return answer === null
        ? { to: "resume", trip, event: first.event }
        : { to: "answer", answer: { ok: true, status: 200, body: answer } };
    }
    case "renumber":
      return { to: "answer", answer: refuse("seq", trip.nextSeq) };
    case "equivocation":
      await equivocated(desk, trip, signed);
      return { to: "answer", answer: refuse("equivocation") };
  }
}

/** Two signed frames, one (boot, seq), two contents: both are kept and the cart is out until staff release it. */
async function equivocated(desk: Desk, trip: Trip, signed: Signed<unknown>): Promise<void> {
  const { boot, seq } = signed.envelope;
  if (trip.quarantined) return;
  desk.ledger.outcome({ type: "equivocated", boot, seq }, desk.now(), null, signed.frame);
  await cartObject(desk.env, trip.cart).quarantine(trip.session, boot, seq);
  await desk.env.AUDIT.append({
    who: `cart:${trip.cart}`,
    kind: "cart_quarantined",
    when: desk.now(),
    success: true,
    from: "session",
    on: `session:${trip.session}`,
    detail: { boot, seq },
  });
}

export async function digestOf(frame: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", frame as BufferSource));
}

function payloadOf(frame: Uint8Array): Uint8Array {
  const parsed = parseFrame(frame);
  return parsed.ok ? parsed.value.payload : frame;
}
