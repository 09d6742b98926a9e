import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

const count = (name: string) => integer(name).notNull().default(0);

/** What is counted, of a day and of a month alike. */
const counts = () => ({
  trips: count("trips"),
  scans: count("scans"),
  removals: count("removals"),
  holds: count("holds"),
  faults: count("faults"),
  abandoned: count("abandoned"),
  walkedOut: count("walked_out"),
});

/** One row a store and UTC day: counts only. */
export const daily = sqliteTable(
  "daily",
  {
    store: text("store").notNull(),
    /** `yyyy-mm-dd`, UTC. */
    day: text("day").notNull(),
    ...counts(),
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
    /** Closed trips behind the amount: whose baskets it adds up. */
    trips: count("trips"),
  },
  (table) => [primaryKey({ columns: [table.store, table.day, table.currency] })],
);

/**
 * What is left of a store's days when their month is 18 months over: anonymous, as a group has ten sessions at least
 * (PERSONS-104). `abandoned` and `walked_out` are 0 where the group, or what is left of the trips without it, has fewer.
 */
export const monthly = sqliteTable(
  "monthly",
  {
    store: text("store").notNull(),
    /** `yyyy-mm`, UTC. */
    month: text("month").notNull(),
    ...counts(),
  },
  (table) => [primaryKey({ columns: [table.store, table.month] })],
);

/** A currency's takings, where ten closed trips at least make them up. */
export const monthlyTakings = sqliteTable(
  "monthly_takings",
  {
    store: text("store").notNull(),
    month: text("month").notNull(),
    currency: text("currency").notNull(),
    minor: count("minor"),
  },
  (table) => [primaryKey({ columns: [table.store, table.month, table.currency] })],
);

/** What has been counted: a segment delivered twice counts once. */
export const segments = sqliteTable(
  "segments",
  {
    key: text("key").primaryKey(),
    /** Key of its object in R2. */
    object: text("object").notNull(),
    /** UTC day of its earliest event, `yyyy-mm-dd`, as in the object's key. */
    day: text("day"),
  },
  (table) => [index("segments_by_day").on(table.day)],
);
