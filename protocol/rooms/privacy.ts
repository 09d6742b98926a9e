import type { CalendarDate } from "../calendar/date.ts";
import type { Profile } from "./identity.ts";
import type { DataStore, StoreStep } from "./privacy-stores.ts";

/** What a person may ask for (GDPR Art. 15, 16, 17; Cal. Civ. Code 1798.110, .106, .105). */
export const PRIVACY_KINDS = ["access", "correction", "erasure"] as const;
export type PrivacyKind = (typeof PRIVACY_KINDS)[number];

export const PRIVACY_LAWS = ["gdpr", "uk-gdpr", "ccpa"] as const;
export type PrivacyLaw = (typeof PRIVACY_LAWS)[number];

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
