import { DurableObject } from "cloudflare:workers";
import { sameBytes } from "../../protocol/bytes.ts";
import type { CheckoutBody, CloseBody, EventsBody, IdentityBody, PaymentBody } from "../../protocol/cart/messages.ts";
import type { OneTripCustomer } from "../../protocol/ids.ts";
import { EXPONENT } from "../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { SessionForRights } from "../../protocol/rooms/privacy-doors.ts";
import type {
  BasketView,
  OpenRequest,
  SessionOpened,
  Signed,
  StaffDecision,
  WireAnswer,
} from "../../protocol/rooms/sessions.ts";
import { checkEnv, type Env, type StaffedSession } from "../env.ts";
import { Serially } from "../serially.ts";
import { shown } from "./basket.ts";
import { Desk } from "./desk.ts";
import { end, ring, takeClose } from "./ending.ts";
import { Live } from "./live.ts";
import { forgetShopper } from "./forget.ts";
import { ASK_AGAIN_LONGEST_MS, IDLE_MS } from "./limits.ts";
import { takeCheckout } from "./take-checkout.ts";
import { takeEvents } from "./take-events.ts";
import { takeIdentity } from "./take-identity.ts";
import { takePayment } from "./take-payment.ts";
import { isOnTrip, isOver, type Trip } from "./trip.ts";

/**
 * One shopping trip: the only coordinator. It alone calls identity, payments and stores during a trip, and holds
 * no customer id, only the one-trip number. Its state is what replaying its rows gives.
 */
export class ShoppingSession extends DurableObject<Env> implements StaffedSession, SessionForRights {
  readonly #desk: Desk;
  readonly #turns = new Serially();
  readonly #live: Live;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
    this.#desk = new Desk(ctx.storage, env);
    this.#live = new Live(ctx);
  }

  /** The live basket, from the app's door, which has checked who asks; whose trip it is at this moment is known here. */
  override fetch(request: Request): Promise<Response> {
    return this.#turns.run(() => this.#live.accept(request, this.#desk.ledger.trip, viewOf));
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#live.refuse(socket);
  }

  /** The device has closed, or has answered a close from here: the connection ends once both have. */
  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  open(request: OpenRequest): Promise<Result<SessionOpened, "unavailable" | "state">> {
    return this.#turn(async () => {
      const { ledger } = this.#desk;
      if (ledger.trip !== null) {
        const first = ledger.journal.rowsOf(0)[0];
        return first?.frame !== null && first !== undefined && sameBytes(first.frame, request.frame)
          ? ok(opened(ledger.trip))
          : fail("state");
      }
      const facts = await this.env.STORES.facts(request.store);
      if (!facts.ok) return fail("unavailable");
      const { session, cart, store, firmware, frame, boot } = request;
      ledger.open({
        seq: 0,
        boot,
        at: this.#desk.now(),
        frame,
        event: { type: "opened", session, cart, store, facts: facts.value, firmware },
      });
      await this.#desk.arm();
      return ledger.trip === null ? fail("state") : ok(opened(ledger.trip));
    });
  }

  events(signed: Signed<EventsBody>): Promise<WireAnswer> {
    return this.#turn(() => takeEvents(this.#desk, signed));
  }

  identity(signed: Signed<IdentityBody>): Promise<WireAnswer> {
    return this.#turn(() => takeIdentity(this.#desk, signed));
  }

  checkout(signed: Signed<CheckoutBody>): Promise<WireAnswer> {
    return this.#turn(() => takeCheckout(this.#desk, signed));
  }

  payment(signed: Signed<PaymentBody>): Promise<WireAnswer> {
    return this.#turn(() => takePayment(this.#desk, signed));
  }

  close(signed: Signed<CloseBody>): Promise<WireAnswer> {
    return this.#turn(() => takeClose(this.#desk, signed));
  }

  /** The cart has begun another trip. A payment under way is never cut off. */
  abandon(): Promise<Result<undefined, "state">> {
    return this.#turn(async () => {
      const { trip } = this.#desk.ledger;
      if (trip === null || isOver(trip)) return ok();
      if (trip.state === "settling") return fail("state");
      end(this.#desk, trip.state === "paid" ? "closed" : "abandoned");
      await this.#desk.arm();
      return ok();
    });
  }

  view(): Promise<Result<BasketView, "no_session">> {
    return this.#turns.run(() => {
      const { trip } = this.#desk.ledger;
      return trip === null ? fail("no_session") : ok(viewOf(trip));
    });
  }

  viewFor(customer: OneTripCustomer): Promise<Result<BasketView, "no_session">> {
    return this.#turns.run(() => {
      const { trip } = this.#desk.ledger;
      return trip === null || !isOnTrip(trip, customer) ? fail("no_session") : ok(viewOf(trip));
    });
  }

  clearHold(
    hold: number,
    decision: StaffDecision,
  ): Promise<Result<BasketView, "no_session" | "no_hold" | "state" | "unavailable">> {
    return this.#turn(async () => {
      const { trip } = this.#desk.ledger;
      if (trip === null) return fail("no_session");
      if (isOver(trip) || trip.state === "settling" || trip.state === "paid") return fail("state");
      const open = trip.basket.holds.find((each) => each.id === hold);
      if (open === undefined) return fail("no_hold");
      if (!(await this.#overridden(trip, decision, { hold: open.kind, reason: decision.reason })))
        return fail("unavailable");
      this.#desk.ledger.outcome({ type: "hold_cleared", hold, decision }, this.#desk.now());
      return ok(viewOf(this.#desk.ledger.trip ?? trip));
    });
  }

  voidTrip(decision: StaffDecision): Promise<Result<undefined, "no_session" | "state" | "unavailable">> {
    return this.#turn(async () => {
      const { trip } = this.#desk.ledger;
      if (trip === null) return fail("no_session");
      if (trip.state !== "shopping" && trip.state !== "checkout") return fail("state");
      if (!(await this.#overridden(trip, decision, { act: "void", reason: decision.reason })))
        return fail("unavailable");
      end(this.#desk, "voided");
      await this.#desk.arm();
      return ok();
    });
  }

  releaseFromQuarantine(staff: string): Promise<void> {
    return this.#turn(() => {
      if (this.#desk.ledger.trip?.quarantined === true)
        this.#desk.ledger.outcome({ type: "released", staff }, this.#desk.now());
    });
  }

  /** For the shopper's erasure. */
  forgetShopper(): Promise<Result<{ readonly count: number; readonly left: number }, "unavailable">> {
    return this.#turn(() => forgetShopper(this.#desk));
  }

  /** Rows written and read since this object woke: what the trip costs. */
  meter(): { readonly written: number; readonly read: number } {
    const { written, read } = this.#desk.ledger.journal;
    return { written, read };
  }

  /** The runtime gives an alarm up after a few failures; what a trip owes must not end with it, so it rings again. */
  override alarm(): Promise<void> {
    return this.#turn(async () => {
      try {
        await ring(this.#desk);
      } catch (error) {
        console.error(JSON.stringify({ event: "ring_failed", error: error instanceof Error ? error.name : "" }));
        await this.#desk.armAt(this.#desk.now() + ASK_AGAIN_LONGEST_MS);
      }
    });
  }

  /** A command, and after it what it changed for whoever follows the trip. */
  #turn<T>(command: () => Promise<T> | T): Promise<T> {
    return this.#turns.run(async () => {
      try {
        return await command();
      } finally {
        this.#live.tell(this.#desk.ledger.trip, viewOf, this.#desk.now());
      }
    });
  }

  /** Staff act only once the act is in the log (fails closed). */
  async #overridden(trip: Trip, decision: StaffDecision, detail: Record<string, string>): Promise<boolean> {
    const logged = await this.env.AUDIT.append({
      who: `staff:${decision.staff}`,
      kind: "staff_override",
      when: this.#desk.now(),
      success: true,
      from: "session",
      on: `session:${trip.session}`,
      detail,
    });
    return logged.ok;
  }
}

function opened(trip: Trip): SessionOpened {
  const { currency, name, taxIncluded, weightToleranceGrams } = trip.facts;
  return {
    openedAt: trip.openedAt,
    leaseSeconds: IDLE_MS / 1000,
    settings: {
      currency,
      exponent: EXPONENT[currency],
      storeName: name,
      idleSeconds: IDLE_MS / 1000,
      weightToleranceGrams,
      taxIncluded,
    },
  };
}

function viewOf(trip: Trip): BasketView {
  return {
    session: trip.session,
    store: trip.store,
    cart: trip.cart,
    state: trip.state,
    lines: [...trip.basket.lines.values()].map(shown),
    totalMinor: trip.basket.totalMinor,
    currency: trip.facts.currency,
    holds: trip.basket.holds,
    handoff: trip.handoff?.id ?? null,
    openedAt: trip.openedAt,
  };
}
