import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Tier 2 (persons.md): pseudonymous records of one cell. Times are milliseconds since the epoch. */

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
  },
  (table) => [index("card_references_by_customer").on(table.customer)],
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
