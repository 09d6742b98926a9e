import type { CartSerial, HandoffId, OneTripCustomer, ReceiptReference, SessionId, StoreId } from "../ids.ts";
import type { Currency } from "../money/money.ts";
import type { CartError } from "../cart/codes.ts";
import type {
  BasketLine,
  CheckoutBody,
  CloseBody,
  EatClaims,
  Envelope,
  EventsBody,
  Hold,
  IdentityBody,
  PaymentBody,
  Settings,
  TelemetryBody,
} from "../cart/messages.ts";
import type { Result } from "../result.ts";
import type { StoreAttestation } from "./fleet.ts";
import type { RefundLine } from "./stores.ts";

/** A frame whose signature the door has verified, with what it says. The bytes are what is stored. */
export interface Signed<B> {
  readonly frame: Uint8Array;
  readonly envelope: Envelope<B>;
  /** Who signed it, from the fleet's registry. */
  readonly cart: CartSerial;
}

/** Bytes of the CBOR answer, made where the state is, so that a repeat gets the same ones; or a refusal. */
export type WireAnswer =
  | { readonly ok: true; readonly status: 200 | 201; readonly body: Uint8Array }
  | { readonly ok: false; readonly error: CartError };

/** One object a cart, named by its serial: nonces, the store attestation, the open session, quarantine. */
export interface CartObject {
  /** A nonce for this cart: 16 random bytes, good once, for 60 s. The last one dies. */
  hello(serial: CartSerial): Promise<{ readonly nonce: Uint8Array }>;
  /**
   * Spends the nonce of an attestation or firmware frame. `attestation` when it is not the one given, spent or
   * too old. A frame that was answered before gets `answered`: the same bytes again.
   */
  spend(
    signed: Signed<{ readonly eat: EatClaims }>,
  ): Promise<Result<{ readonly answered: Uint8Array | null }, "attestation" | "cart_quarantined">>;
  /** The cell has attested the store: kept until it expires. Makes and keeps the answer, with the next nonce. */
  attested(
    signed: Signed<{ readonly eat: EatClaims }>,
    store: StoreId,
    attestation: StoreAttestation,
  ): Promise<{ readonly body: Uint8Array }>;
  /**
   * Opens a session: the nonce is spent, the store attestation must hold and name the store that the
   * cart is assigned to now. A session that is still open is ended first (abandoned), unless it is settling.
   * The same open frame again gets the same answer.
   */
  open(signed: Signed<{ readonly eat: EatClaims }>, store: StoreId): Promise<WireAnswer>;
  /** Health and faults outside a session; ordered by (boot, seq), repeats answered alike. */
  telemetry(signed: Signed<TelemetryBody>, store: StoreId | null): Promise<WireAnswer>;
  /** Why a session is not there: over (it was this cart's) or never known. */
  whyNoSession(session: SessionId): Promise<"session_over" | "no_session">;
  /** The cart's session says it has ended; answers the next nonce for the close. Idempotent. */
  sessionEnded(session: SessionId): Promise<{ readonly nonce: Uint8Array }>;
  /** Two signed frames with one (boot, seq) and two contents: every later frame is refused until staff release the cart. */
  quarantine(session: SessionId, boot: number, seq: number): Promise<void>;
  release(staff: string): Promise<Result<undefined, "unavailable">>;
}

export interface OpenRequest {
  readonly session: SessionId;
  readonly cart: CartSerial;
  readonly store: StoreId;
  readonly frame: Uint8Array;
  readonly boot: number;
  readonly firmware: string;
}

/** What the cart must know of the session that it opened. */
export interface SessionOpened {
  /** Cell time, ms since the epoch. */
  readonly openedAt: number;
  readonly leaseSeconds: number;
  readonly settings: Settings;
}

export type SessionState =
  | "shopping"
  | "checkout"
  | "settling"
  | "paid"
  | "closed"
  | "abandoned"
  | "walked_out"
  | "voided";

/** What an app or a member of staff may see of a trip: no customer, no card. */
export interface BasketView {
  readonly session: SessionId;
  readonly store: StoreId;
  readonly cart: CartSerial;
  readonly state: SessionState;
  readonly lines: readonly BasketLine[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly holds: readonly Hold[];
  readonly handoff: HandoffId | null;
  readonly openedAt: number;
}

/** One object a session, named by its UUID; the only coordinator of a trip. */
export interface ShoppingSessionObject {
  /** Called by the cart's object alone. Idempotent by the open frame. */
  open(request: OpenRequest): Promise<Result<SessionOpened, "unavailable" | "state">>;
  /** The cart begins another trip: an unpaid session is abandoned; one that is settling is not. */
  abandon(): Promise<Result<undefined, "state">>;
  events(signed: Signed<EventsBody>): Promise<WireAnswer>;
  identity(signed: Signed<IdentityBody>): Promise<WireAnswer>;
  checkout(signed: Signed<CheckoutBody>): Promise<WireAnswer>;
  payment(signed: Signed<PaymentBody>): Promise<WireAnswer>;
  close(signed: Signed<CloseBody>): Promise<WireAnswer>;
  view(): Promise<Result<BasketView, "no_session">>;
  /** For the shopper with this number: `no_session` once another one, or nobody, is on the trip. */
  viewFor(customer: OneTripCustomer): Promise<Result<BasketView, "no_session">>;
}

/** A decision of staff on an open hold or a whole trip; the reasons are a closed list. */
export interface StaffDecision {
  readonly staff: string;
  readonly reason:
    | "age_verified"
    | "weight_checked"
    | "item_identified"
    | "item_removed"
    | "left_unpaid"
    | "shopper_left";
}

/** Why goods go back; a closed list. */
export const REFUND_REASONS = ["returned", "damaged", "wrong_price", "wrong_item", "not_received", "goodwill"] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export interface RefundOrder {
  readonly receipt: ReceiptReference;
  readonly lines: readonly RefundLine[];
  readonly reason: RefundReason;
  readonly staff: string;
  /** The caller's idempotency key; null: the same order again within a minute is the same refund. */
  readonly key: string | null;
}

export interface Refunded {
  /** The refund's own reference, a UUID. */
  readonly refund: string;
  /** `pending`: the processor or the POS has not answered yet; it is carried on without being asked. */
  readonly state: "pending" | "refunded";
  /** The correcting receipt; null while pending. */
  readonly receipt: ReceiptReference | null;
  readonly lines: readonly RefundLine[];
  readonly totalMinor: number;
  readonly taxMinor: number;
  readonly currency: Currency;
}

/** `too_many`: more than was sold and has not gone back. `refused`: the processor or the POS said no; nothing moved. */
export type RefundReasonRefused = "unknown_receipt" | "too_many" | "idempotency_mismatch" | "refused" | "unavailable";

/** For the ops room. */
export interface SessionsForOps {
  view(session: SessionId): Promise<Result<BasketView, "no_session">>;
  clearHold(
    session: SessionId,
    hold: number,
    decision: StaffDecision,
  ): Promise<Result<BasketView, "no_session" | "no_hold" | "state" | "unavailable">>;
  voidTrip(
    session: SessionId,
    decision: StaffDecision,
  ): Promise<Result<undefined, "no_session" | "state" | "unavailable">>;
  releaseCart(serial: CartSerial, staff: string): Promise<Result<undefined, "unavailable">>;
  /** Takes goods of a receipt back. The act is in the log before any money moves. */
  refund(order: RefundOrder): Promise<Result<Refunded, RefundReasonRefused>>;
}

/** For the app API: the basket of the trip that a person is linked to. */
export interface SessionsForApps {
  view(session: SessionId, customer: OneTripCustomer): Promise<Result<BasketView, "no_session">>;
}
