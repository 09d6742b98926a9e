import { getTableName, sql, type SQL } from "drizzle-orm";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import type { CustomerId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { ERASED_TABLES, type ErasedTable, UNTIL_THE_END } from "./erasure-tables.ts";
import { CHUNK } from "./members.ts";
import { NOBODY } from "./person-keys.ts";
import type { Room } from "./room.ts";

/** Keys that one look at the bucket takes. */
const PAGE = 500;
/** So many of one page single calls leave that broke off. */
const SINGLE = 20;
/** So many an import leaves that fails, and fails again a few times. */
const IMPORTED = 4 * CHUNK;

/**
 * More than calls that broke off leave is a database that the keys do not belong to, and without its key nobody's record
 * ever opens again: an orphan too many that stays is the smaller harm. An import's are believed where most old keys of
 * the page have their rows.
 */
function areBrokenOff(orphans: number, old: number): boolean {
  return orphans <= SINGLE || (orphans <= IMPORTED && orphans * 2 <= old);
}

/**
 * Destroys the keys of nobody among the next ones: a call that broke off between a key and the first row, or between
 * the last row and the key, left them. None that is younger than a database's history: a restore that is undone would
 * bring the rows back without it. The act is in the audit log before.
 * @param after the customer of the last key that was looked at; empty begins
 * @returns where to go on; null at the end
 */
export async function sweepOrphans(room: Room, after: string): Promise<Result<string | null, "unavailable">> {
  const { keys, next } = await room.keys.page(after === "" ? null : (after as CustomerId), PAGE);
  const cutoff = cutoffOf(timedRule("orphaned_keys").term, room.now());
  const old = keys.filter(({ person, written }) => written < cutoff && person !== NOBODY).map(({ person }) => person);
  const orphans = await unnamed(room.persons, "persons", await unnamed(room.entities, "entities", old));
  if (orphans.length === 0) return ok(next);
  const few = areBrokenOff(orphans.length, old.length);
  if (!few) console.error("identity: more keys without a row than broken calls leave; none is destroyed");
  if (!(await room.trail.record("purge", few, "class:orphaned_keys", { keys: orphans.length })))
    return fail("unavailable");
  if (few) for (const person of orphans) await room.keys.destroy(person);
  return ok(next);
}

/** Those whom no row of a database names, in one statement. */
async function unnamed(
  database: Room["entities"],
  name: ErasedTable["database"],
  people: readonly CustomerId[],
): Promise<readonly CustomerId[]> {
  if (people.length === 0) return [];
  const named = [...ERASED_TABLES, ...UNTIL_THE_END]
    .filter((each) => each.database === name)
    .map(
      ({ table, column }): SQL => sql`SELECT 1 FROM ${sql.identifier(getTableName(table))}
        WHERE ${sql.identifier(column.name)} = json_each.value`,
    );
  const nowhere = sql.join(
    named.map((each) => sql`NOT EXISTS (${each})`),
    sql` AND `,
  );
  const rows = await database.all<{ id: CustomerId }>(
    sql`SELECT json_each.value AS id FROM json_each(${JSON.stringify(people)}) WHERE ${nowhere}`,
  );
  return rows.map(({ id }) => id);
}
