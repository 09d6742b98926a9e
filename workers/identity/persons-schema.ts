import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Tier 3 (PRD-PII-07): each field sealed under the person's own data key, which lives in R2, apart from this database
 * and its history. `id` is the customer's id of Tier 2; only this room can bring the two together.
 */
export const persons = sqliteTable("persons", {
  id: text().primaryKey(),
  /** Blind index of (issuer, subject); null for a member who never signed in. */
  subjectIndex: text("subject_index").unique(),
  indexKeyVersion: integer("index_key_version"),
  /** The pair, sealed as a JSON array: what the index is made from again when its key is rotated. */
  subject: text(),
  /** The same pair under the key of the tombstones, which outlives every index key; null until the next sign-in. */
  subjectMark: text("subject_mark"),
  email: text(),
  name: text(),
  phone: text(),
  address: text(),
  nickname: text(),
  created: integer().notNull(),
  changed: integer().notNull(),
});

/**
 * A card that a person added by the card form: token, scheme, last four digits and expiry in one sealed value, bound to
 * its row. `cardIndex` is keyed apart from Tier 2's index of the same reference, so the two databases share no value.
 */
export const paymentMethods = sqliteTable(
  "payment_methods",
  {
    id: text().primaryKey(),
    person: text().notNull(),
    cardIndex: text("card_index").notNull().unique(),
    indexKeyVersion: integer("index_key_version").notNull(),
    sealed: text().notNull(),
    added: integer().notNull(),
    changed: integer().notNull(),
  },
  (table) => [index("payment_methods_by_person").on(table.person)],
);

/**
 * An access file in parts, each sealed under the person's key and bound to its place: readable by its owner for 30
 * days after the request is done, by nobody once the key is gone.
 */
export const accessParts = sqliteTable(
  "access_parts",
  {
    request: text().notNull(),
    store: text().notNull(),
    part: integer().notNull(),
    person: text().notNull(),
    sealed: text().notNull(),
    /** Records in it. */
    records: integer().notNull(),
    expires: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.request, table.store, table.part] }),
    index("access_parts_by_person").on(table.person),
    index("access_parts_by_end").on(table.expires),
  ],
);

/** Raw reads that were made: an approval is good for one (PERSONS-63). Random ids, purged a day after the end. */
export const rawReadUses = sqliteTable(
  "raw_read_uses",
  { request: text().primaryKey(), used: integer().notNull(), expires: integer().notNull() },
  (table) => [index("raw_read_uses_by_end").on(table.expires)],
);

/** The newest version seen of each staff or SCC record, so that an older one is not believed again. */
export const recordVersions = sqliteTable("record_versions", {
  holder: text().primaryKey(),
  version: integer().notNull(),
  seen: integer().notNull(),
});
