import type {
  CartSerial,
  HandoffId,
  OneTripCustomer,
  ReceiptReference,
  SessionId,
  StoreId,
} from "../../protocol/ids.ts";
import type { PaymentAnswer } from "../../protocol/pay/contract.ts";
import { unreachable } from "../../protocol/result.ts";
import type { SessionState } from "../../protocol/rooms/sessions.ts";
import type { Quote, StoreFacts } from "../../protocol/rooms/stores.ts";
import { applyEvent, clearHold, EMPTY_BASKET, type Basket } from "./basket.ts";
import type { PricedEvent, Row, Verdict } from "./events.ts";
import { FAULT_EXIT_UNPAID } from "./limits.ts";
import { outstandingOf, settled, withOutstanding, type Outstanding } from "./outstanding.ts";

/** The frozen basket on its way through the terminal. */
export interface Handoff {
  readonly id: HandoffId;
  readonly terminal: string;
  /** Hex SHA-256 of the frozen basket. */
  readonly digest: string;
  /** Null until the store's POS has answered. */
  readonly quote: Quote | null;
  readonly quotedAt: number;
  readonly expires: number | null;
}

/** Where the money is. `since` is when the question was first asked, for the back-off. */
export interface Settlement {
  readonly since: number;
  readonly reference: string | null;
  readonly approved: PaymentAnswer | null;
  readonly captured: PaymentAnswer | null;
}

/** A trip's state: what folding its rows gives, and nothing else. */
export interface Trip {
  readonly session: SessionId;
  readonly cart: CartSerial;
  readonly store: StoreId;
  readonly facts: StoreFacts;
  readonly openedAt: number;
  readonly lastAt: number;
  readonly state: SessionState;
  /** The first sequence number that is missing. */
  readonly nextSeq: number;
  readonly boot: number;
  /** The boot of the last events frame; the cart's panel has shown nothing of the basket since an earlier one's end. */
  readonly shownBoot: number;
  readonly basket: Basket;
  readonly customer: OneTripCustomer | null;
  readonly handoff: Handoff | null;
  readonly settlement: Settlement | null;
  /** Hand-offs beside the one in force that the processor may hold money for. */
  readonly outstanding: readonly Outstanding[];
  readonly receipt: ReceiptReference | null;
  /** Scans and removals that were acknowledged while they waited and came due when money was under way. */
  readonly late: readonly PricedEvent[];
  /** Loyalty numbers and cards tried so far. */
  readonly introductions: number;
  /** When the cart said that it leaves unpaid; null when it did not, or has paid since. */
  readonly exitAt: number | null;
  readonly quarantined: boolean;
  readonly endedAt: number | null;
}

/** The state before a row and the row give the state after it. @throws Error when the first row is not `opened`. */
export function fold(trip: Trip | null, row: Row): Trip {
  const { event, at } = row;
  if (trip === null) {
    if (event.type !== "opened") throw new Error("a session's first row is its opening");
    return {
      session: event.session,
      cart: event.cart,
      store: event.store,
      facts: event.facts,
      openedAt: at,
      lastAt: at,
      state: "shopping",
      nextSeq: 1,
      boot: row.boot,
      shownBoot: row.boot,
      basket: EMPTY_BASKET,
      customer: null,
      handoff: null,
      settlement: null,
      outstanding: [],
      receipt: null,
      late: [],
      introductions: 0,
      exitAt: null,
      quarantined: false,
      endedAt: null,
    };
  }
  const isFrame = row.step === 0;
  const next: Trip = isFrame
    ? { ...trip, nextSeq: row.seq + 1, boot: Math.max(trip.boot, row.boot), lastAt: Math.max(trip.lastAt, at) }
    : trip;
  switch (event.type) {
    case "opened":
      return next;
    case "events":
      return withEvents(next, row);
    case "identity":
      return event.kind === "unlink"
        ? { ...next, customer: null }
        : { ...next, introductions: next.introductions + (event.kind === "pairing" ? 0 : 1) };
    case "identified":
      return { ...next, customer: event.customer };
    case "checkout":
      return {
        ...next,
        state: "checkout",
        // A second checkout lays the first hand-off aside, which a terminal may have taken up.
        outstanding: withOutstanding(next.outstanding, outstandingOf(next.handoff, at)),
        handoff: {
          id: event.handoff,
          terminal: event.terminal,
          digest: event.digest,
          quote: null,
          quotedAt: at,
          expires: null,
        },
      };
    case "quoted":
      return next.handoff === null
        ? next
        : { ...next, handoff: { ...next.handoff, quote: event.quote, quotedAt: at, expires: event.expires } };
    case "payment":
      if (next.receipt !== null) return next;
      return {
        ...next,
        state: "settling",
        settlement: { since: next.settlement?.since ?? at, reference: event.reference, approved: null, captured: null },
      };
    case "answered":
      return answered(next, event.verdict, event.answer, at);
    case "captured":
      return {
        ...next,
        state: "settling",
        settlement: { since: at, reference: null, approved: event.answer, ...next.settlement, captured: event.answer },
      };
    case "sold":
      return { ...next, state: "paid", receipt: event.receipt, exitAt: null };
    case "handoff_dropped":
      return withLate(
        {
          ...next,
          state: "shopping",
          outstanding: withOutstanding(next.outstanding, outstandingOf(next.handoff, at)),
          handoff: null,
          settlement: null,
        },
        at,
      );
    case "handoff_settled":
      return { ...next, outstanding: settled(next.outstanding, event.handoff, event.how) };
    case "hold_cleared":
      return { ...next, basket: clearHold(next.basket, event.hold, next.facts.weightToleranceGrams) };
    case "equivocated":
      return { ...next, quarantined: true };
    case "released":
      return { ...next, quarantined: false };
    case "ended":
      return {
        ...next,
        state: event.how,
        endedAt: at,
        customer: null,
        // The one that was paid is looked at too, at the end: a second terminal may have it as well.
        outstanding: withOutstanding(next.outstanding, outstandingOf(next.handoff, at)),
      };
    default:
      return unreachable(event);
  }
}

/**
 * In `checkout` a scan or removal means that the shopper goes on shopping: the hand-off is dropped, and what a terminal
 * may still authorize for it is never captured. Once money is under way the door to the basket is shut; a frame that was
 * acknowledged before and waited for others is held, and added if the payment comes to nothing.
 */
function withEvents(trip: Trip, row: Row): Trip {
  if (row.event.type !== "events") return trip;
  const open = trip.state === "shopping" || trip.state === "checkout";
  let { basket, exitAt } = trip;
  let changes = false;
  for (const priced of row.event.events) {
    const { kind } = priced.event;
    if (kind === "scan" || kind === "remove") changes = true;
    if (open) basket = applyEvent(basket, priced, trip.facts.weightToleranceGrams);
    if (kind === "fault" && priced.event.code === FAULT_EXIT_UNPAID && basket.lines.size > 0 && open) exitAt = row.at;
  }
  const reopened =
    open && changes
      ? {
          state: "shopping" as const,
          outstanding: withOutstanding(trip.outstanding, outstandingOf(trip.handoff, row.at)),
          handoff: null,
          settlement: null,
        }
      : {};
  const late = open || !changes ? trip.late : [...trip.late, ...row.event.events.filter(changesBasket)];
  return { ...trip, ...reopened, shownBoot: row.boot, basket, exitAt, late };
}

function changesBasket({ event }: PricedEvent): boolean {
  return event.kind === "scan" || event.kind === "remove";
}

/** The payment came to nothing: what was held is added, which opens the basket again. */
function withLate(trip: Trip, at: number): Trip {
  if (trip.late.length === 0) return trip;
  const { weightToleranceGrams } = trip.facts;
  return {
    ...trip,
    state: "shopping",
    outstanding: withOutstanding(trip.outstanding, outstandingOf(trip.handoff, at)),
    handoff: null,
    basket: trip.late.reduce((basket, priced) => applyEvent(basket, priced, weightToleranceGrams), trip.basket),
    late: [],
  };
}

function answered(trip: Trip, verdict: Verdict, answer: PaymentAnswer | null, at: number): Trip {
  switch (verdict.verdict) {
    case "approved":
      return {
        ...trip,
        state: "settling",
        settlement: { since: at, reference: null, captured: null, ...trip.settlement, approved: answer },
      };
    case "declined":
      return withLate({ ...trip, state: "checkout", settlement: null }, at);
    case "mismatch": {
      const release = answer === null ? null : { authorization: answer.id, why: verdict.why };
      const others = trip.outstanding.filter(({ id }) => id !== trip.handoff?.id);
      const owed = withOutstanding(others, outstandingOf(trip.handoff, at, release));
      return withLate({ ...trip, state: "checkout", settlement: null, outstanding: owed }, at);
    }
    case "pending":
    case "unknown":
      return { ...trip, state: "settling" };
  }
}

/** Whether a shopper with this number is on the trip now; nobody is on one that is over. */
export function isOnTrip(trip: Trip, customer: string | null): boolean {
  return customer !== null && trip.customer === customer;
}

export function isOver(trip: Trip): boolean {
  return trip.endedAt !== null;
}

/** Folds rows that are in order of (seq, step); rows after a gap wait and are left out. */
export function replay(rows: readonly Row[]): Trip | null {
  let trip: Trip | null = null;
  for (const row of rows) {
    if (trip !== null && row.seq > trip.nextSeq) break;
    if (trip !== null && row.step === 0 && row.seq !== 0 && row.seq !== trip.nextSeq) continue;
    trip = fold(trip, row);
  }
  return trip;
}
