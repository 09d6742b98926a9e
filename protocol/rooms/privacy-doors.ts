import type { CalendarDate } from "../calendar/date.ts";
import type { SessionId, StoreId } from "../ids.ts";
import type { Result } from "../result.ts";
import type { Principal } from "./identity.ts";
import type {
  ExtensionReason,
  IdentityCheck,
  Ordered,
  PrivacyFacts,
  PrivacyOrder,
  PrivacyRequestId,
  PrivacyStatus,
  RefusalLaw,
  Unfinished,
} from "./privacy.ts";
import type { LinkedTrip, SealedNotice, StoreAnswer, TripEvent } from "./privacy-stores.ts";
import type { Receipt } from "./stores.ts";

/**
 * For the requests' objects (entrypoint `ForRights`, caller `rights`). Each method takes the request's id alone: only
 * this room knows whose it is. All are idempotent; `unknown`: no such request, or not of a kind that allows it.
 */
export interface IdentityForRights {
  facts(request: PrivacyRequestId): Promise<Result<PrivacyFacts, Unfinished>>;
  /** Requests whose object may not have been started, oldest first, at most 50. */
  unstarted(): Promise<Result<readonly PrivacyRequestId[], "unavailable">>;
  /** The object has taken the request over. */
  started(request: PrivacyRequestId): Promise<Result<undefined, Unfinished>>;
  /** Open trips that the person is linked to, to be made anonymous. */
  openTrips(request: PrivacyRequestId): Promise<Result<readonly SessionId[], Unfinished>>;
  /** All trips that the person is still linked to, newest first. */
  trips(request: PrivacyRequestId): Promise<Result<readonly LinkedTrip[], Unfinished>>;
  /** Tokens of the person's payment methods, for the CDE to forget. */
  cardTokens(request: PrivacyRequestId): Promise<Result<readonly string[], Unfinished>>;
  /**
   * Erases in one of its own stores and counts anew what is left. The object asks in the order of `DATA_STORES`: what
   * leads to other stores goes last, the key last of all.
   */
  erase(
    request: PrivacyRequestId,
    store: "persons" | "person_keys" | "entities",
  ): Promise<Result<StoreAnswer, Unfinished>>;
  /** Puts Tier 2 and 3 of the person, and who looked, into the access file. */
  exported(request: PrivacyRequestId, store: "persons" | "entities"): Promise<Result<StoreAnswer, Unfinished>>;
  /** Puts another store's part into the access file: JSON text, at most 512 KiB. Part 0 replaces all that the store gave. */
  collect(
    request: PrivacyRequestId,
    store: "sessions" | "receipts",
    part: number,
    json: string,
  ): Promise<Result<undefined, Unfinished>>;
  /** Applies what the person asked to be corrected. */
  correct(request: PrivacyRequestId): Promise<Result<StoreAnswer, Unfinished>>;
  /** What recipients are still to be told because of this request. */
  notices(request: PrivacyRequestId): Promise<Result<readonly SealedNotice[], Unfinished>>;
  /** What any recipient is still to be told, of corrections made in the app; at most 50, of one recipient at most 5. */
  owedNotices(): Promise<Result<readonly SealedNotice[], "unavailable">>;
  /** The recipient has acknowledged. */
  noticed(notice: string, acknowledgement: string): Promise<Result<undefined, Unfinished>>;
  /** How many recipients were told because of this request and how many are not yet. */
  told(request: PrivacyRequestId): Promise<Result<StoreAnswer, Unfinished>>;
  /** The request has come to its end: staff lists no longer show it as open. */
  ended(request: PrivacyRequestId, state: "done" | "refused"): Promise<Result<undefined, Unfinished>>;
}

/*
 * What the other rooms do for a request, each over a binding that the sessions Worker has. What forgets is idempotent,
 * counts anew and never believes its own delete.
 */

/** The cards that the CDE keeps, by their tokens. */
export interface PaymentsForRights {
  forgetCards(request: PrivacyRequestId, tokens: readonly string[]): Promise<Result<StoreAnswer, "unavailable">>;
}

/** Receipts, what a fiscal law keeps of them, and the POS as the way to recipients. */
export interface StoresForRights {
  /** Erasure: what a fiscal law keeps is moved apart and answered as `held`, the rest loses every way to the person. */
  forgetReceipts(
    request: PrivacyRequestId,
    sessions: readonly SessionId[],
  ): Promise<Result<StoreAnswer, "unavailable">>;
  /** Access: the receipts of these trips, correcting ones too; 20 trips a call at the most. */
  receiptsOf(sessions: readonly SessionId[]): Promise<Result<readonly Receipt[], "unavailable">>;
  /** Carries a sealed notice to the recipient; the answer is the recipient's acknowledgement. */
  notify(notice: SealedNotice): Promise<Result<{ readonly acknowledgement: string }, "unavailable" | "refused">>;
}

/** What carts told of a trip. */
export interface TelemetryForRights {
  /** Access: what was scanned on these trips; 20 trips a call at the most. */
  tripEvents(sessions: readonly SessionId[]): Promise<Result<readonly TripEvent[], "unavailable">>;
  forgetTrips(request: PrivacyRequestId, sessions: readonly SessionId[]): Promise<Result<StoreAnswer, "unavailable">>;
}

/** A trip's object: forgets the one-trip number and goes on to payment, anonymous. */
export interface SessionForRights {
  forgetShopper(): Promise<Result<{ readonly count: number; readonly left: number }, "unavailable">>;
}

/** For the edge room. A request of another person is `unknown`, as one that never was. */
export interface IdentityForPrivacyApp {
  /** `open`: one of this kind is open already. `idempotency_mismatch`: the key was used for something else. */
  createPrivacyRequest(
    person: Principal,
    order: PrivacyOrder,
  ): Promise<Result<Ordered, "unavailable" | "invalid" | "pan_detected" | "open" | "idempotency_mismatch" | "erased">>;
  privacyRequests(person: Principal): Promise<Result<readonly Ordered[], "unavailable">>;
  privacyRequest(person: Principal, request: PrivacyRequestId): Promise<Result<Ordered, Unfinished>>;
  /** The access file's JSON text, for 30 days after the request is done. */
  accessFile(person: Principal, request: PrivacyRequestId): Promise<Result<string, Unfinished>>;
}

/** One object a request (`PrivacyRequest`), named by its id. */
export interface PrivacyRequestObject {
  start(request: PrivacyRequestId): Promise<Result<PrivacyStatus, Unfinished>>;
  status(request: PrivacyRequestId): Promise<Result<PrivacyStatus, Unfinished>>;
  /** Staff have checked who wrote the letter. */
  checkIdentity(staff: string, how: IdentityCheck): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  /** Staff have written to the sender of a CCPA letter that it was received; once. */
  confirmReceipt(staff: string): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  /** Only inside the first period, with notice to the person; once. */
  extend(staff: string, reason: ExtensionReason): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  refuse(staff: string, law: RefusalLaw): Promise<Result<PrivacyStatus, Unfinished | "state">>;
}

/** The sessions Worker's doors to the objects, for apps; the edge room has asked identity whose request it is. */
export interface PrivacyForApps {
  startPrivacyRequest(request: PrivacyRequestId): Promise<Result<PrivacyStatus, Unfinished>>;
  privacyStatus(request: PrivacyRequestId): Promise<Result<PrivacyStatus, Unfinished>>;
  /** A correction was made in the app: its notices are carried now, and not at the next round. */
  tellRecipients(): Promise<void>;
}

export interface PrivacyForOps extends Omit<PrivacyForApps, "tellRecipients"> {
  checkPrivacyIdentity(
    request: PrivacyRequestId,
    staff: string,
    how: IdentityCheck,
  ): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  confirmPrivacyReceipt(request: PrivacyRequestId, staff: string): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  extendPrivacyRequest(
    request: PrivacyRequestId,
    staff: string,
    reason: ExtensionReason,
  ): Promise<Result<PrivacyStatus, Unfinished | "state">>;
  refusePrivacyRequest(
    request: PrivacyRequestId,
    staff: string,
    law: RefusalLaw,
  ): Promise<Result<PrivacyStatus, Unfinished | "state">>;
}

/** A retailer that has persons' data of its own members, and how it is told of changes (GDPR Art. 19). */
export interface Recipient {
  readonly retailer: string;
  /** The store whose POS is the way to it. */
  readonly store: StoreId;
  /** Public, P-256, with a `kid` (RFC 7517). */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface ListedRequests {
  readonly requests: readonly (Ordered & { readonly receivedOn: CalendarDate; readonly ended: number | null })[];
  /** Begins the next page; null after the last one. */
  readonly next: string | null;
}

export interface IdentityForPrivacyOps {
  registerRecipient(recipient: Recipient, staff: string): Promise<Result<undefined, "unavailable" | "invalid">>;
  /** A request that came by letter, of the holder of a loyalty number. `unknown`: nobody holds it. */
  createLetterRequest(
    loyalty: string,
    order: Omit<PrivacyOrder, "key">,
    receivedOn: CalendarDate,
    staff: string,
  ): Promise<Result<Ordered, Unfinished | "invalid" | "pan_detected" | "open">>;
  /**
   * Requests that are open, the oldest first, and then those that ended in the last 30 days; 200 a page. No person, no
   * field. @param after the last page's `next`; null begins. `invalid`: not of this method's making
   */
  privacyRequestList(after: string | null): Promise<Result<ListedRequests, "unavailable" | "invalid">>;
}
