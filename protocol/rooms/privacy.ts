import type { CalendarDate } from "../calendar/date.ts";
import type { OneTripCustomer, SessionId, StoreId } from "../ids.ts";
import type { Result } from "../result.ts";
import type { Principal, Profile } from "./identity.ts";
import type { Receipt } from "./stores.ts";

/** What a person may ask for (GDPR Art. 15, 16, 17; Cal. Civ. Code 1798.110, .106, .105). */
export const PRIVACY_KINDS = ["access", "correction", "erasure"] as const;
export type PrivacyKind = (typeof PRIVACY_KINDS)[number];

export const PRIVACY_LAWS = ["gdpr", "uk-gdpr", "ccpa"] as const;
export type PrivacyLaw = (typeof PRIVACY_LAWS)[number];

/**
 * Every store of a cell that can hold something of a person or lead to one. A request is done only when each store that
 * its kind concerns has answered (persons.md, Rights).
 */
export const DATA_STORES = [
  "sessions",
  "vault",
  "receipts",
  "telemetry",
  "recipients",
  "entities",
  "persons",
  "person_keys",
  "audit",
] as const;
export type DataStore = (typeof DATA_STORES)[number];

/**
 * What a store has done. `none`: it has nothing of this person. `shredded`: unreadable for good since the key is gone.
 * `held`: a law keeps it, apart, until a day. `told`: recipients have acknowledged.
 */
export const STORE_OUTCOMES = ["erased", "none", "shredded", "held", "exported", "corrected", "told"] as const;
export type StoreOutcome = (typeof STORE_OUTCOMES)[number];

/** A store's own answer to one step. Counts are of records; nothing in it names a person. */
export interface StoreAnswer {
  readonly store: DataStore;
  readonly outcome: StoreOutcome;
  /** Records that it acted on, now or in an earlier try of the same step. */
  readonly count: number;
  /** Records that can still be found, counted anew after the act and never derived from it; 0 or the step is not over. */
  readonly left: number;
  /** For `held`, and beside another outcome when a part is kept: the law, by its name in the table of holds. */
  readonly law?: string;
  /** The last day of that hold. */
  readonly until?: CalendarDate;
}

/** An answer with its entry in the audit log, which the request's object makes. */
export interface StoreProof extends StoreAnswer {
  readonly auditIndex: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export const PRIVACY_STATES = ["received", "identity_checked", "running", "done", "refused"] as const;
export type PrivacyState = (typeof PRIVACY_STATES)[number];

/** Why a request may be refused; each names its clause (closed list). */
export const REFUSAL_LAWS = [
  /** Manifestly unfounded or excessive: GDPR and UK GDPR Art. 12(5)(b). */
  "gdpr-12-5-b",
  /** The person can't be identified: GDPR and UK GDPR Art. 11(2), 12(2). */
  "gdpr-11-2",
  /** Needed for a legal claim: GDPR and UK GDPR Art. 17(3)(e). */
  "gdpr-17-3-e",
  /** Manifestly unfounded or excessive: Cal. Civ. Code 1798.145(h)(3). */
  "ccpa-1798-145-h-3",
  /** The person can't be verified: Cal. Code Regs. tit. 11, 7060. */
  "ccpa-7060",
] as const;
export type RefusalLaw = (typeof REFUSAL_LAWS)[number];

/** How staff made sure who wrote a letter (GDPR Art. 12(6); Cal. Code Regs. tit. 11, 7060 to 7062). */
export const IDENTITY_CHECKS = ["in_person", "document", "call_back"] as const;
export type IdentityCheck = (typeof IDENTITY_CHECKS)[number];

/** Why an answer may take longer: GDPR Art. 12(3) "complexity and number"; Cal. Civ. Code 1798.130(a)(2)(A). */
export const EXTENSION_REASONS = ["complex", "many_requests"] as const;
export type ExtensionReason = (typeof EXTENSION_REASONS)[number];

/** A request's name: a UUID, and the name of its object. Says nothing of who asked. */
export type PrivacyRequestId = string;

/** What the request's object may know of it. `subject` is the salted commitment that the audit log has, never an id; empty for an erasure. */
export interface PrivacyFacts {
  readonly request: PrivacyRequestId;
  readonly kind: PrivacyKind;
  readonly law: PrivacyLaw;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly received: number;
  /** The day that it was received on, where the cell is. */
  readonly receivedOn: CalendarDate;
  /** `token`: asked by the signed-in person; `staff`: came by letter and staff must check who wrote it. */
  readonly checkedBy: "token" | "staff";
  /** How it ended; null while it is open. */
  readonly outcome: "done" | "refused" | null;
}

export interface StoreStep {
  readonly store: DataStore;
  /** `running` since its intent was written; `waiting` when the store did not answer and is asked again. */
  readonly state: "open" | "running" | "waiting" | "proved";
  readonly tries: number;
  readonly proof: StoreProof | null;
}

/** For the app and for staff: where a request stands. */
export interface PrivacyStatus {
  readonly request: PrivacyRequestId;
  readonly kind: PrivacyKind;
  readonly law: PrivacyLaw;
  readonly state: PrivacyState;
  readonly receivedOn: CalendarDate;
  /** The last day that the law allows, extension included. */
  readonly deadline: CalendarDate;
  /** The day that the platform means to answer by: a working day, never after the deadline. */
  readonly target: CalendarDate;
  /** CCPA: receipt is confirmed by this day; null under the other laws. */
  readonly confirmBy: CalendarDate | null;
  /** CCPA: the day of that confirmation. Who asks in the app reads it in the answer; a letter is confirmed by staff. */
  readonly confirmedOn: CalendarDate | null;
  readonly extension: { readonly reason: ExtensionReason; readonly on: CalendarDate } | null;
  readonly refusal: RefusalLaw | null;
  readonly steps: readonly StoreStep[];
  /** What stays, under which law, until which day. */
  readonly stays: readonly { readonly store: DataStore; readonly law: string; readonly until: CalendarDate }[];
  /** Indices of its acts in the audit log, first to last. */
  readonly acts: readonly number[];
  /** Inclusion proofs of those acts as C2SP tlog-proof texts; given once it is done. */
  readonly proofs: readonly { readonly index: number; readonly proof: string }[];
  /** Milliseconds since the epoch; null before its end. */
  readonly ended: number | null;
}

export type Unfinished = "unavailable" | "unknown";

/** A trip that the person was linked to. */
export interface LinkedTrip {
  readonly session: SessionId;
  /** Their one-trip number, by which the session's object knows whether it is still their trip; null once it is over. */
  readonly customer: OneTripCustomer | null;
  readonly linked: number;
  readonly ended: number | null;
}

/**
 * A message to one recipient of a person's data (GDPR Art. 19), sealed to the recipient's own key: JWE compact
 * serialization (RFC 7516), ECDH-ES. Who carries it can't read it.
 */
export interface SealedNotice {
  /** Idempotency key of the delivery: a UUID. */
  readonly id: string;
  /** The store whose POS is the way to the recipient. */
  readonly store: StoreId;
  readonly jwe: string;
}

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

/**
 * What the other rooms do for an erasure, each over a binding that the sessions Worker has. `forget` is idempotent,
 * counts anew and never believes its own delete.
 */
export interface PaymentsForRights {
  forgetCards(request: PrivacyRequestId, tokens: readonly string[]): Promise<Result<StoreAnswer, "unavailable">>;
}
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
/** An item that was scanned or taken out again; the catalogue's number, null for one that it does not know. */
export interface TripEvent {
  readonly session: SessionId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "scan" | "remove";
  readonly item: string | null;
  readonly quantity: number;
}

export interface TelemetryForRights {
  /** Access: what was scanned on these trips; 20 trips a call at the most. */
  tripEvents(sessions: readonly SessionId[]): Promise<Result<readonly TripEvent[], "unavailable">>;
  forgetTrips(request: PrivacyRequestId, sessions: readonly SessionId[]): Promise<Result<StoreAnswer, "unavailable">>;
}
/** A trip's object: forgets the one-trip number and goes on to payment, anonymous. */
export interface SessionForRights {
  forgetShopper(): Promise<Result<{ readonly count: number; readonly left: number }, "unavailable">>;
}

/** What the app asks for. `correction` is given with that kind and no other. */
export interface PrivacyOrder {
  readonly kind: PrivacyKind;
  /** Null: the law of the cell. */
  readonly law: PrivacyLaw | null;
  readonly correction: Partial<Profile> | null;
  /** The caller's idempotency key; null has none. */
  readonly key: string | null;
}

export interface Ordered {
  readonly request: PrivacyRequestId;
  readonly kind: PrivacyKind;
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
