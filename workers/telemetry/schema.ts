import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

const count = (name: string) => integer(name).notNull().default(0);

/** One row a store and UTC day: counts only. */
export const daily = sqliteTable(
  "daily",
  {
    store: text("store").notNull(),
    /** `yyyy-mm-dd`, UTC. */
    day: text("day").notNull(),
    trips: count("trips"),
    scans: count("scans"),
    removals: count("removals"),
    holds: count("holds"),
    faults: count("faults"),
    abandoned: count("abandoned"),
    walkedOut: count("walked_out"),
  },
  (table) => [primaryKey({ columns: [table.store, table.day] })],
);

/** Apart from the counts, as amounts of two currencies can't be added. */
export const takings = sqliteTable(
  "takings",
  {
    store: text("store").notNull(),
    day: text("day").notNull(),
    /** ISO 4217. */
    currency: text("currency").notNull(),
    /** Integer, in the currency's smallest unit. */
    minor: count("minor"),
  },
  (table) => [primaryKey({ columns: [table.store, table.day, table.currency] })],
);

/** What has been counted: a segment delivered twice counts once. */
export const segments = sqliteTable("segments", {
  key: text("key").primaryKey(),
  /** Key of its object in R2. */
  object: text("object").notNull(),
});
