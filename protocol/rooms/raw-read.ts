import type { Cell } from "../ids.ts";
import type { Result } from "../result.ts";
import type { PublicKey } from "./staff.ts";

/** What is known of a person, field by field. */
const PERSON_FIELDS = ["email", "name", "phone", "address", "nickname", "loyalty"] as const;

/**
 * What a human may be shown, by name (PERSONS-64). No full card number is among it. `access_file` is the
 * whole file of an access request that came by letter, to be sent to who wrote it: nobody else could open it for them.
 */
export const RAW_FIELDS = [...PERSON_FIELDS, "access_file"] as const;
export type RawField = (typeof RAW_FIELDS)[number];

/** Why a human may look, and at most at what (GDPR Art. 5(1)(b), (c)). Both lists are closed. */
export const RAW_PURPOSES = {
  customer_callback: ["name", "phone", "email"],
  product_recall: ["name", "phone", "email", "address"],
  account_recovery: ["name", "email", "phone", "loyalty"],
  fraud_investigation: ["name", "email", "phone", "address", "loyalty"],
  legal_order: PERSON_FIELDS,
  privacy_request: RAW_FIELDS,
} as const satisfies Readonly<Record<string, readonly RawField[]>>;
export type RawPurpose = keyof typeof RAW_PURPOSES;

/** How staff name a person whose record they don't know. */
export const SUBJECT_KINDS = ["loyalty", "session", "privacy_request"] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface RawSubject {
  readonly kind: SubjectKind;
  readonly value: string;
  /** 16 random bytes, base64url: without them the signed digest could be guessed from a list of numbers. */
  readonly salt: string;
}

/** 128 random bits as 26 letters and digits of base32 (RFC 4648, 6), lower case. */
export type RawReadId = string;
export const RAW_READ_ID = /^[a-z2-7]{26}$/;
/** Of the retailer's ticket system; what staff of another cell may see, so never a person's name. */
export const TICKET = /^[A-Z]{2,10}-[0-9]{1,9}$/;

/** Seconds from a request to the end of all that follows from it. */
export const MAX_REQUEST_SECONDS = 30 * 60;
/** Seconds that a signed order to view is good for: the answer is made at once. */
export const MAX_VIEW_SECONDS = 60;

/** What the requester signs. */
export interface RequestClaims {
  readonly id: RawReadId;
  readonly account: string;
  readonly subject: { readonly kind: SubjectKind; readonly digest: string };
  readonly fields: readonly RawField[];
  readonly purpose: RawPurpose;
  readonly ticket: string;
  readonly issued: number;
  readonly expires: number;
}

/** A standard-contractual-clauses record: whom of another cell a transfer is agreed for, signed by this cell's officer. */
export interface SccRecord {
  readonly id: string;
  readonly officer: string;
  readonly version: number;
  readonly person: {
    readonly cell: Cell;
    readonly account: string;
    readonly human: string;
    readonly key: PublicKey;
  };
  readonly purposes: readonly RawPurpose[];
  readonly fields: readonly RawField[];
  readonly issued: number;
  readonly expires: number;
  readonly ended: boolean;
}

/** Who asks: an account of this cell's roster, or a person of another cell whom a record names. */
export type Requester =
  | { readonly record: string }
  | { readonly scc: string; /** The roster record of the officer who signed it. */ readonly officer: string };

/** All that identity needs to decide alone; each text is a JWS (RFC 7515, compact). */
export interface RawReadGrant {
  readonly request: string;
  readonly approval: string;
  /** The requester's fresh order to view, with the key that the answer is sealed for. */
  readonly view: string;
  readonly requester: Requester;
  readonly approver: string;
  /** As `sealRawSubject` gave it. */
  readonly subject: string;
}

export const RAW_READ_REFUSALS = [
  /** Not signed by the staff authority (or the officer), or not of the form that it must have. */
  "untrusted_record",
  /** The account or the SCC record has ended, or a newer one was seen. */
  "ended",
  "wrong_role",
  /** A statement that its person's key did not sign. */
  "bad_signature",
  "malformed_statement",
  /** Signed for another cell or another act. */
  "wrong_audience",
  "expired",
  "too_long",
  "unknown_purpose",
  "unknown_field",
  "field_not_for_purpose",
  /** An access file is asked for and the subject is no access request by letter that is done and whose file is there. */
  "no_access_file",
  "same_human",
  "same_key",
  /** The approval or the order to view is of another request, or by somebody else. */
  "other_request",
  "other_subject",
  "unknown_subject",
  "scc_required",
  "used",
] as const;
export type RawReadRefusal = (typeof RAW_READ_REFUSALS)[number];

export interface RawRead {
  /** The fields as JSON by name, as a JWE (RFC 7516, compact) for the key that the requester named: ops can't read it. */
  readonly sealed: string;
  readonly auditIndex: number;
  /** The entry's proof file; null when the log has not sequenced it yet. */
  readonly proof: string | null;
}

/** For staff by way of ops. Ops is believed in nothing: what counts is what people signed. */
export interface IdentityForRawReads {
  /** Seals whom a request is about, so that ops stores neither a loyalty number nor a session. */
  sealRawSubject(id: RawReadId, subject: RawSubject): Promise<Result<string, "unavailable" | "invalid">>;
  /** What the requester typed, for the approver; leads to no person. */
  openRawSubject(id: RawReadId, sealed: string): Promise<Result<RawSubject, "unavailable" | "invalid">>;
  /** One use, whoever asks and however many at once. No audit entry, no field. */
  rawRead(grant: RawReadGrant): Promise<Result<RawRead, RawReadRefusal | "unavailable">>;
  /** A roster record replaces those before it. */
  rosterChanged(record: string): Promise<Result<undefined, "untrusted_record" | "ended" | "unavailable">>;
  /** An SCC record replaces those before it. */
  sccChanged(
    scc: string,
    officer: string,
  ): Promise<Result<undefined, "untrusted_record" | "wrong_role" | "ended" | "unavailable">>;
}
