import { and, asc, eq, getTableName, gt, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as entities from "./entities-schema.ts";
import * as persons from "./persons-schema.ts";

/**
 * A column of this room's two databases that names a customer, and what an erasure does with such a row. A test holds
 * the lists to the schemas: a table that is added and forgotten here would bring erased people back.
 */
export interface ErasedTable {
  readonly database: "entities" | "persons";
  readonly table: SQLiteTable;
  readonly column: SQLiteColumn;
  /** Only such rows. */
  readonly which?: SQL;
  /** The row stays without the person (a session that ended takes no shopper again); null deletes it. */
  readonly keeps: Readonly<Record<string, null | "" | SQL>> | null;
}

const { customers, loyaltyNumbers, cardReferences, sessionLinks, pairingCodes } = entities;
const { disclosures, privacyNotices, privacyRequests } = entities;
const { accessParts, paymentMethods } = persons;

export const ERASED_TABLES: readonly ErasedTable[] = [
  // First: every write that could bring the customer back asks for this row in its own statement.
  { database: "entities", table: customers, column: customers.id, keeps: null },
  { database: "entities", table: loyaltyNumbers, column: loyaltyNumbers.customer, keeps: null },
  { database: "entities", table: cardReferences, column: cardReferences.customer, keeps: null },
  {
    database: "entities",
    table: sessionLinks,
    column: sessionLinks.customer,
    keeps: { customer: null, oneTrip: null, credential: null, linked: null },
  },
  { database: "entities", table: pairingCodes, column: pairingCodes.customer, keeps: null },
  { database: "entities", table: disclosures, column: disclosures.customer, keeps: null },
  { database: "persons", table: persons.persons, column: persons.persons.id, keeps: null },
  { database: "persons", table: paymentMethods, column: paymentMethods.person, keeps: null },
  { database: "persons", table: accessParts, column: accessParts.person, keeps: null },
];

/** What recipients are still to be told of corrections: after the erasure's notice it would bring the person back. */
export const CORRECTIONS_OWED: readonly ErasedTable[] = [
  {
    database: "entities",
    table: privacyNotices,
    column: privacyNotices.customer,
    which: sql`kind = 'correction' AND delivered IS NULL`,
    keeps: null,
  },
];

/**
 * The rows of a customer that outlive the steps of an erasure, as the request itself and what recipients are still to
 * be told hang on them: the request's end takes the customer off, and so does the replay.
 */
export const UNTIL_THE_END: readonly ErasedTable[] = [
  ...CORRECTIONS_OWED,
  {
    database: "entities",
    table: privacyRequests,
    column: privacyRequests.customer,
    // Only the erasure's own outcome can still be asked for; nothing ties it to the person's entries in the audit log.
    keeps: {
      customer: null,
      correction: null,
      subject: "",
      keyIndex: null,
      requester: sql`CASE WHEN kind = 'erasure' THEN requester END`,
    },
  },
  { database: "entities", table: privacyNotices, column: privacyNotices.customer, keeps: { customer: null } },
];

export function countOf({ table, column }: ErasedTable, customer: string): SQL {
  return sql`SELECT count(*) AS n FROM ${sql.identifier(getTableName(table))}
    WHERE ${sql.identifier(column.name)} = ${customer}`;
}

export function removalOf(database: DrizzleD1Database, { table, column, which, keeps }: ErasedTable, customer: string) {
  const whose = and(eq(column, customer), which);
  return keeps === null ? database.delete(table).where(whose) : database.update(table).set(keeps).where(whose);
}

/** Customers that rows of a table name, in order, `after` the last one seen. */
export function customersIn(
  database: DrizzleD1Database,
  { table, column, which }: ErasedTable,
  after: string,
  limit: number,
): Promise<readonly { readonly customer: string }[]> {
  return database
    .selectDistinct({ customer: sql<string>`${column}` })
    .from(table)
    .where(and(gt(column, after), which))
    .orderBy(asc(column))
    .limit(limit);
}
