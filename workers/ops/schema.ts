import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RawPurpose } from "../../protocol/rooms/raw-read.ts";

/**
 * Who staff are and what they asked for. Opaque ids only: no name of staff, and of a person no more than a sealed
 * reference that goes when the request ends. Times are milliseconds since the epoch.
 */

/** The newest signed record of each account. The columns are for looking up; what is believed is the statement. */
export const staffAccounts = sqliteTable(
  "staff_accounts",
  {
    account: text().primaryKey(),
    human: text().notNull(),
    keyThumbprint: text("key_thumbprint").notNull(),
    version: integer().notNull(),
    statement: text().notNull(),
    added: integer().notNull(),
    changed: integer().notNull(),
    ended: integer(),
  },
  (table) => [index("staff_accounts_by_human").on(table.human), index("staff_accounts_by_key").on(table.keyThumbprint)],
);

export const rawReadRequests = sqliteTable(
  "raw_read_requests",
  {
    id: text().primaryKey(),
    account: text().notNull(),
    human: text().notNull(),
    /** The asker's cell. */
    cell: text().notNull(),
    /** The record that lets somebody of another cell ask. */
    scc: text(),
    ticket: text().notNull(),
    purpose: text().$type<RawPurpose>().notNull(),
    fields: text().notNull(),
    statement: text().notNull(),
    subjectKind: text("subject_kind").notNull(),
    /** Sealed by the identity room; null once the request is over. */
    subject: text(),
    state: text({ enum: ["open", "approved", "denied", "withdrawn", "viewed"] }).notNull(),
    created: integer().notNull(),
    expires: integer().notNull(),
    decidedBy: text("decided_by"),
    decidedHuman: text("decided_human"),
    decided: integer(),
    reason: text(),
    approval: text(),
    viewed: integer(),
  },
  (table) => [index("raw_read_requests_by_time").on(table.created)],
);

export const sccRecords = sqliteTable(
  "scc_records",
  {
    id: text().primaryKey(),
    officer: text().notNull(),
    /** Whom it names: their cell and account there. */
    cell: text().notNull(),
    account: text().notNull(),
    version: integer().notNull(),
    statement: text().notNull(),
    added: integer().notNull(),
    expires: integer().notNull(),
    ended: integer(),
  },
  (table) => [index("scc_records_by_person").on(table.cell, table.account)],
);

/** One a week, `YYYY-Www` (ISO 8601). */
export const reviews = sqliteTable("reviews", {
  week: text().primaryKey(),
  opened: integer().notNull(),
  due: integer().notNull(),
  closed: integer(),
  /** When it was told to the audit log that the review is late. */
  overdueTold: integer("overdue_told"),
  humanReads: integer("human_reads").notNull(),
  refusedReads: integer("refused_reads").notNull(),
  machineJoins: integer("machine_joins").notNull(),
  /** Weeks before this one that the outliers were judged against. */
  baselineWeeks: integer("baseline_weeks").notNull(),
});

export const reviewItems = sqliteTable(
  "review_items",
  {
    id: text().primaryKey(),
    week: text().notNull(),
    kind: text({ enum: ["raw_read", "outlier"] }).notNull(),
    /** Facts of the audit log as JSON. */
    facts: text().notNull(),
    /** Opaque ids of the humans who took part, space-separated: none of them decides. */
    humans: text().notNull(),
    decision: text({ enum: ["in_order", "incident"] }),
    ticket: text(),
    decidedBy: text("decided_by"),
    decidedHuman: text("decided_human"),
    decided: integer(),
  },
  (table) => [index("review_items_by_week").on(table.week)],
);

/** What the weeks' entries of the audit log come to, so that a review reads each entry once. */
export const joinCounts = sqliteTable(
  "join_counts",
  { week: text().notNull(), caller: text().notNull(), purpose: text().notNull(), joins: integer().notNull() },
  (table) => [primaryKey({ columns: [table.week, table.caller, table.purpose] })],
);
export const rawReadsSeen = sqliteTable(
  "raw_reads_seen",
  {
    auditIndex: integer("audit_index").primaryKey(),
    week: text().notNull(),
    success: integer({ mode: "boolean" }).notNull(),
    facts: text().notNull(),
    humans: text().notNull(),
  },
  (table) => [index("raw_reads_seen_by_week").on(table.week)],
);
/** One row: the first entry of the log that was not read yet, and the earliest time of those that were. */
export const auditCursor = sqliteTable("audit_cursor", {
  id: integer().primaryKey(),
  next: integer().notNull(),
  since: integer(),
});

/** Tokens that have signed in: the first sight is the sign-in. */
export const staffTokens = sqliteTable(
  "staff_tokens",
  {
    jti: text().primaryKey(),
    account: text().notNull(),
    expires: integer().notNull(),
  },
  (table) => [index("staff_tokens_by_end").on(table.expires)],
);
/** Proofs of possession that were used (RFC 9449, 11.1). */
export const usedProofs = sqliteTable(
  "used_proofs",
  { jti: text().primaryKey(), expires: integer().notNull() },
  (table) => [index("used_proofs_by_end").on(table.expires)],
);

/** One row a class of the retention policy: the UTC day that it was last purged on, and what is to be proved of it. */
export const purgeDays = sqliteTable("purge_days", {
  class: text().primaryKey(),
  /** `yyyy-mm-dd`. */
  day: text().notNull(),
  /** Counts as JSON, until the audit log has them. */
  owed: text(),
});
