import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { PRIVACY_KINDS, PRIVACY_LAWS } from "../../protocol/rooms/privacy.ts";

/** Tier 2 (PRD-PII-04): pseudonymous records of one cell. Times are milliseconds since the epoch. */

/** Random ids only. `account`: signed in once; `member`: imported by a retailer; `card_holder`: known by a card alone. */
export const customers = sqliteTable("customers", {
  id: text().primaryKey(),
  kind: text({ enum: ["account", "member", "card_holder"] }).notNull(),
  created: integer().notNull(),
});

export const loyaltyFormats = sqliteTable(
  "loyalty_formats",
  {
    retailer: text().notNull(),
    prefix: text().notNull(),
    length: integer().notNull(),
    check: text("check_digit", { enum: ["luhn", "mod10-gs1", "none"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.retailer, table.prefix, table.length] })],
);

/** Found by blind index, one holder a cell; the number itself is sealed under the holder's own key. */
export const loyaltyNumbers = sqliteTable(
  "loyalty_numbers",
  {
    id: text().primaryKey(),
    customer: text().notNull(),
    blindIndex: text("blind_index").notNull().unique(),
    indexKeyVersion: integer("index_key_version").notNull(),
    sealed: text().notNull(),
    added: integer().notNull(),
  },
  (table) => [index("loyalty_numbers_by_customer").on(table.customer)],
);

/** The CDE's keyed fingerprint of a card, keyed once more here: the two rooms hold no common value. */
export const cardReferences = sqliteTable(
  "card_references",
  {
    blindIndex: text("blind_index").primaryKey(),
    indexKeyVersion: integer("index_key_version").notNull(),
    customer: text().notNull(),
    added: integer().notNull(),
    /** Random: the place that `sealed` is bound to, as the index changes with its key. */
    id: text(),
    /** The CDE's fingerprint under the holder's key, to make the index from again; null in rows from before, until a tap. */
    sealed: text(),
  },
  (table) => [index("card_references_by_customer").on(table.customer)],
);

/** What an erasure found in each of this room's stores before it deleted: the count survives a try that broke off. */
export const erasures = sqliteTable(
  "erasures",
  {
    request: text().notNull(),
    store: text({ enum: ["entities", "persons", "person_keys"] }).notNull(),
    records: integer().notNull(),
    begun: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.request, table.store] })],
);

/**
 * One row a session: its last attempt to identify, found or not. `oneTrip` is null while nobody is linked and from the
 * session's end on. `credential` is keyed with the session, so that two trips share no value.
 */
export const sessionLinks = sqliteTable(
  "session_links",
  {
    session: text().primaryKey(),
    customer: text(),
    oneTrip: text("one_trip"),
    credential: text(),
    linked: integer(),
    ended: integer(),
    /** Of `credential`; null is version 1. */
    indexKeyVersion: integer("index_key_version"),
  },
  (table) => [index("session_links_by_customer").on(table.customer)],
);

/** A code is kept as its keyed hash alone; each step of its life is a time that is set once. */
export const pairingCodes = sqliteTable(
  "pairing_codes",
  {
    codeIndex: text("code_index").primaryKey(),
    indexKeyVersion: integer("index_key_version").notNull(),
    customer: text().notNull(),
    store: text().notNull(),
    confirmation: text().notNull(),
    created: integer().notNull(),
    expires: integer().notNull(),
    redeemed: integer(),
    session: text(),
    cart: text(),
    confirmed: integer(),
    revoked: integer(),
  },
  (table) => [
    index("pairing_codes_by_customer").on(table.customer, table.created),
    index("pairing_codes_by_session").on(table.session),
  ],
);

/**
 * One row a privacy request; its object knows it by `id` alone. `customer` is null once an erasure has come so far;
 * `requester` (keyed together with the id, so that two requests share no value) still lets the person read the outcome.
 */
export const privacyRequests = sqliteTable(
  "privacy_requests",
  {
    id: text().primaryKey(),
    customer: text(),
    requester: text(),
    indexKeyVersion: integer("index_key_version").notNull(),
    kind: text({ enum: PRIVACY_KINDS }).notNull(),
    law: text({ enum: PRIVACY_LAWS }).notNull(),
    /** The salted commitment that the audit log has. */
    subject: text().notNull(),
    checkedBy: text("checked_by", { enum: ["token", "staff"] }).notNull(),
    received: integer().notNull(),
    receivedOn: text("received_on").notNull(),
    /** Keyed: of the caller's idempotency key, and of what was asked under it. */
    keyIndex: text("key_index").unique(),
    digest: text().notNull(),
    /** What is to be corrected, sealed under the person's key and bound to this row. */
    correction: text(),
    started: integer(),
    ended: integer(),
    outcome: text({ enum: ["done", "refused"] }),
  },
  (table) => [
    index("privacy_requests_by_customer").on(table.customer),
    uniqueIndex("privacy_requests_open")
      .on(table.customer, table.kind)
      .where(sql`ended IS NULL`),
  ],
);

/**
 * Versions of this room's keys that were ever there. One that is not retired must be configured, with the same key; one
 * that is retired never writes again (decision 0019).
 */
export const keyVersions = sqliteTable(
  "key_versions",
  {
    key: text({ enum: ["wrapping", "index"] }).notNull(),
    version: integer().notNull(),
    /** Tells two keys apart and leads to neither. */
    checkValue: text("check_value").notNull(),
    introduced: integer().notNull(),
    /** Since when it writes. */
    activated: integer(),
    retired: integer(),
    /** Indices of the acts' entries in the audit log, by which their proofs are fetched; null before an act, or from before. */
    introducedEntry: integer("introduced_entry"),
    activatedEntry: integer("activated_entry"),
    retiredEntry: integer("retired_entry"),
  },
  (table) => [primaryKey({ columns: [table.key, table.version] })],
);

/** Who outside the platform has persons' data, how they are told (GDPR Art. 19), and the key that only they can read with. */
export const recipients = sqliteTable("recipients", {
  retailer: text().primaryKey(),
  /** The store whose POS is the way to them. */
  store: text().notNull(),
  /** Public, P-256, as JSON (RFC 7517). */
  jwk: text().notNull(),
  registered: integer().notNull(),
});

/** Which recipient has which fields of a customer, since when. */
export const disclosures = sqliteTable(
  "disclosures",
  {
    customer: text().notNull(),
    retailer: text().notNull(),
    /** Names, separated by spaces. */
    fields: text().notNull(),
    since: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.retailer] })],
);

/** What a recipient is to be told. Sealed to the recipient's key (RFC 7516) when it is first to be sent; a repeat is the same. */
export const privacyNotices = sqliteTable(
  "privacy_notices",
  {
    id: text().primaryKey(),
    /** Null for a correction that was made in the app. */
    request: text(),
    customer: text(),
    retailer: text().notNull(),
    kind: text({ enum: ["correction", "erasure"] }).notNull(),
    fields: text().notNull(),
    jwe: text(),
    created: integer().notNull(),
    delivered: integer(),
    acknowledgement: text(),
  },
  (table) => [
    uniqueIndex("privacy_notices_once").on(table.request, table.retailer),
    index("privacy_notices_by_customer").on(table.customer),
    index("privacy_notices_owed").on(table.delivered, table.created),
  ],
);

/** Who looked: one row an audit entry that opened something of a person, by the commitment that the entry has. */
export const looks = sqliteTable(
  "looks",
  {
    auditIndex: integer("audit_index").primaryKey(),
    subject: text().notNull(),
    at: integer().notNull(),
    who: text().notNull(),
    door: text().notNull(),
    purpose: text().notNull(),
    fields: text().notNull(),
  },
  (table) => [index("looks_by_subject").on(table.subject, table.at)],
);
