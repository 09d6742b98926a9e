import type { CalendarDate } from "../calendar/date.ts";
import type { OneTripCustomer, SessionId, StoreId } from "../ids.ts";

/**
 * Every store of a cell that can hold something of a person or lead to one. A request is done only when each store that
 * its kind concerns has answered (PERSONS-21).
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

export interface StoreStep {
  readonly store: DataStore;
  /** `running` since its intent was written; `waiting` when the store did not answer and is asked again. */
  readonly state: "open" | "running" | "waiting" | "proved";
  readonly tries: number;
  readonly proof: StoreProof | null;
}

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

/** An item that was scanned or taken out again; the catalogue's number, null for one that it does not know. */
export interface TripEvent {
  readonly session: SessionId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "scan" | "remove";
  readonly item: string | null;
  readonly quantity: number;
}
