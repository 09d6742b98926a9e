import type { CartSerial, OneTripCustomer, SessionId, StoreId } from "../ids.ts";
import type { Result } from "../result.ts";

/** The trip that asks who its shopper is. */
export interface Trip {
  readonly session: SessionId;
  readonly store: StoreId;
  readonly cart: CartSerial;
}

/**
 * What a session learns of its shopper. An unknown number, a wrong code and an account of another
 * cell all answer `not_linked`, after the same work.
 */
export type Identified =
  | { readonly status: "linked"; readonly customer: OneTripCustomer; readonly nickname: string | null }
  | { readonly status: "pending"; readonly confirmation: string }
  | { readonly status: "not_linked" };

/** `unavailable`: the audit log or a database did not answer; nothing was joined. `pan_detected`: the value looks like a card number. */
export type IdentifyResult = Result<Identified, "unavailable" | "pan_detected">;

/** For the session object. Each call is idempotent for (session, credential): a retry gets the same number. */
export interface IdentityForSessions {
  byLoyalty(trip: Trip, loyalty: string): Promise<IdentifyResult>;
  /** Redeems once; `pending` until the person confirmed in the app, then `linked`. */
  byPairing(trip: Trip, code: string): Promise<IdentifyResult>;
  /** The shopper unlinks: the number dies, the trip goes on anonymous. */
  unlink(trip: Trip): Promise<Result<undefined, "unavailable">>;
  /**
   * Whether the number is the trip's at this moment: a replayed pairing, an erasure or a removal may have ended it. A
   * dead number, another trip's and one that never was are the same answer, by the same statement.
   */
  isAlive(trip: Trip, customer: OneTripCustomer): Promise<Result<boolean, "unavailable">>;
  /** The session is over: its one-trip number is dead from here on. Idempotent. */
  end(session: SessionId): Promise<Result<undefined, "unavailable">>;
}

/** For the tokenization forwarder: the keyed fingerprint that the CDE gave for a card, never a number. */
export interface IdentityForPayments {
  byCard(trip: Trip, reference: string): Promise<IdentifyResult>;
}

/** The person that a checked access token names. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  /** From the token, used at first sight only. */
  readonly email: string | null;
  readonly name: string | null;
  /** When the token was issued (RFC 9068, `iat`), seconds since the epoch; null or absent is before every erasure. */
  readonly issuedAt?: number | null;
}

export interface Profile {
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly address: string | null;
  /** At most 12 characters, chosen by the person to be shown on a cart; null shows nothing. */
  readonly nickname: string | null;
}

export type ProfileField = keyof Profile;

export interface PairingCode {
  /** What the QR carries; also typed by people who can't aim a phone. */
  readonly code: string;
  readonly qr: string;
  /** Two digits, the same on the cart and in the app. */
  readonly confirmation: string;
  /** Milliseconds since the epoch, at most 60 s ahead. */
  readonly expires: number;
}

export type PairingState = {
  readonly state: "open" | "redeemed" | "confirmed" | "expired" | "revoked";
  /** Where it was redeemed; null before. */
  readonly store: StoreId | null;
};

export interface LoyaltyCard {
  readonly id: string;
  readonly number: string;
  readonly added: number;
}

/** A card that a person added by the card form; what may be shown of it, and never more. */
export interface PaymentMethod {
  readonly id: string;
  readonly scheme: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly added: number;
}

/** A page of a person's trips; `next` asks for the one after, null is the end. */
export interface OwnTrips {
  readonly sessions: readonly SessionId[];
  readonly next: string | null;
}

/** What the card form gave the app: the token and what the CDE signed of it (protocol/pay: `CardStatement`). */
export interface FormToken {
  readonly token: string;
  readonly statement: string;
}

/**
 * For the app API. `unknown` hides whether the thing ever existed. `erased`: the token is older than the erasure of its
 * account; a later one opens a new account that has nothing of the old.
 */
export interface IdentityForEdge {
  profile(person: Principal): Promise<Result<Profile, "unavailable" | "erased">>;
  correct(
    person: Principal,
    change: Partial<Profile>,
  ): Promise<Result<Profile, "unavailable" | "erased" | "invalid" | "pan_detected">>;
  createPairingCode(
    person: Principal,
    store: StoreId,
  ): Promise<Result<PairingCode, "unavailable" | "erased" | "too_many">>;
  pairingCode(person: Principal, code: string): Promise<Result<PairingState, "unavailable" | "erased" | "unknown">>;
  confirmPairing(
    person: Principal,
    code: string,
  ): Promise<Result<PairingState, "unavailable" | "erased" | "unknown" | "expired" | "not_redeemed">>;
  loyaltyCards(person: Principal): Promise<Result<readonly LoyaltyCard[], "unavailable" | "erased">>;
  addLoyaltyCard(
    person: Principal,
    number: string,
  ): Promise<Result<LoyaltyCard, "unavailable" | "erased" | "invalid" | "pan_detected" | "taken" | "too_many">>;
  removeLoyaltyCard(person: Principal, id: string): Promise<Result<undefined, "unavailable" | "erased" | "unknown">>;
  paymentMethods(person: Principal): Promise<Result<readonly PaymentMethod[], "unavailable" | "erased">>;
  /**
   * Keeps the card and links it to the account, so that its tap at a cart is this person. `invalid`: the statement is
   * not the CDE's, not of this cell, too old, or of another token. `taken`: another account has the card.
   */
  addPaymentMethod(
    person: Principal,
    card: FormToken,
  ): Promise<Result<PaymentMethod, "unavailable" | "erased" | "invalid" | "taken">>;
  removePaymentMethod(person: Principal, id: string): Promise<Result<undefined, "unavailable" | "erased" | "unknown">>;
  /** The open trip that this person is linked to. */
  currentSession(person: Principal): Promise<Result<OpenTrip | null, "unavailable" | "erased">>;
  /**
   * Trips that the person is linked to, newest first, a page at a time; a trip that was unlinked is none of them.
   * `invalid`: the cursor is not of this method's making.
   */
  ownTrips(person: Principal, before: string | null): Promise<Result<OwnTrips, "unavailable" | "erased" | "invalid">>;
  /** A refusal at the app's door (tripwire, token): one audit event, nothing of the input. */
  refused(code: string, path: string, field: string | null): Promise<Result<undefined, "unavailable">>;
}

/**
 * An open trip, and the number that the person has on it. The trip's object shows nothing to another number: a shopper
 * who comes after may have been linked since. It is for the rooms alone and never told to a device.
 */
export interface OpenTrip {
  readonly session: SessionId;
  readonly customer: OneTripCustomer;
}

/** A retailer's registered loyalty number format; disjoint from card schemes' ranges (CARDS-35). */
export interface LoyaltyFormat {
  readonly retailer: string;
  readonly prefix: string;
  readonly length: number;
  readonly check: "luhn" | "mod10-gs1" | "none";
}

export interface Member {
  readonly loyalty: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly nickname: string | null;
}

/** What a replay of tombstones did; it goes on from `next` until that is null. */
export interface TombstoneReplay {
  readonly tombstones: number;
  /** Customers that rows name, looked at in this call; one that several tables name counts for each. */
  readonly checked: number;
  /** Customers who were back and are gone again. */
  readonly removed: number;
  /** Their records that can still be found, counted anew. */
  readonly left: number;
  readonly next: string | null;
}

/** For staff after a database was restored, and for the job that does it regularly. */
export interface IdentityForRestores {
  replayTombstones(from: string | null): Promise<Result<TombstoneReplay, "unavailable">>;
}

/** For provisioning by staff. */
export interface IdentityForOps {
  registerLoyaltyFormat(
    format: LoyaltyFormat,
  ): Promise<Result<undefined, "unavailable" | "invalid" | "overlaps_card_range">>;
  /** Adds loyalty members; a row that is refused is named by its number in the list, 1 first. */
  importMembers(
    members: readonly Member[],
  ): Promise<
    Result<
      { readonly added: number; readonly refused: readonly { readonly row: number; readonly reason: string }[] },
      "unavailable"
    >
  >;
}
