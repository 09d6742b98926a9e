import { and, eq, inArray, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { customers, disclosures } from "./entities-schema.ts";
import { commitment, type PersonKey } from "./person-key.ts";
import { persons } from "./persons-schema.ts";
import type { Room } from "./room.ts";

/**
 * An import writes two databases that have no common transaction. One that broke off between them left members with a
 * number and a key and without a record in Tier 3, which nobody could fill any more: the same list again does.
 */

export interface Unfinished {
  readonly key: PersonKey;
  /** How the audit log names them. */
  readonly on: string;
}

/** Of these customers the imported ones that have no record in Tier 3; at most as many as a statement takes. */
export async function unfinishedAmong(room: Room, among: readonly string[]): Promise<ReadonlyMap<string, Unfinished>> {
  if (among.length === 0) return new Map();
  const members = await room.entities
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.kind, "member"), inArray(customers.id, [...among])));
  const records = await room.persons
    .select({ id: persons.id })
    .from(persons)
    .where(inArray(persons.id, [...among]));
  const whole = new Set(records.map(({ id }) => id));
  const unfinished = new Map<string, Unfinished>();
  for (const { id } of members.filter((each) => !whole.has(each.id))) {
    const key = await room.keys.read(id as CustomerId);
    if (key !== undefined) unfinished.set(id, { key, on: `subject:${await commitment(key)}` });
  }
  return unfinished;
}

interface Given {
  readonly retailer: string;
  /** Names of the fields, separated by spaces. */
  readonly fields: string;
  /** The fields themselves, under the member's own key. */
  readonly sealed: Partial<typeof persons.$inferInsert>;
}

/**
 * Writes the record that is missing; the caller has audited it before. The recipient has what it gave now and what it
 * gave then.
 * @returns whether this call wrote it: another one may have, and an erasure may have begun
 */
export async function completeMember(room: Room, { key }: Unfinished, given: Given): Promise<boolean> {
  const own = and(eq(disclosures.customer, key.person), eq(disclosures.retailer, given.retailer));
  const earlier = await room.entities.select().from(disclosures).where(own).get();
  const fields = [...new Set([...(earlier?.fields.split(" ") ?? []), ...given.fields.split(" ")])].join(" ");
  const now = room.now();
  await room.entities
    .insert(disclosures)
    .select(
      sql`SELECT ${key.person}, ${given.retailer}, ${fields}, ${now}
        WHERE EXISTS (SELECT 1 FROM customers WHERE id = ${key.person})`,
    )
    .onConflictDoUpdate({ target: [disclosures.customer, disclosures.retailer], set: { fields } });
  const written = await room.persons
    .insert(persons)
    .values({ id: key.person, ...given.sealed, created: now, changed: now })
    .onConflictDoNothing();
  if (written.meta.changes !== 1) return false;
  // An erasure takes the customer first and looks for the record later: while the customer is there, it finds this one.
  const there = await room.entities.select().from(customers).where(eq(customers.id, key.person)).get();
  if (there === undefined) await room.persons.delete(persons).where(eq(persons.id, key.person));
  return there !== undefined;
}
