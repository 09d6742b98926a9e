import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { CustomerId, SessionId } from "../../protocol/ids.ts";
import { fail, ok, type Result, unreachable } from "../../protocol/result.ts";
import type { PrivacyRequestId, Unfinished } from "../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { customers, erasures, looks, privacyRequests, sessionLinks } from "./entities-schema.ts";
import { countOf, ERASED_TABLES, type ErasedTable, removalOf, UNTIL_THE_END } from "./erasure-tables.ts";
import { commitment } from "./person-key.ts";
import { persons } from "./persons-schema.ts";
import type { Room } from "./room.ts";

const STORES = ["entities", "persons", "person_keys"] as const;
/** Which of this room's stores an erasure goes through, one idempotent step each. */
export type ErasedStore = (typeof STORES)[number];

/** An erasure that this room has accepted, and whose it is. */
export interface Erasing {
  readonly request: PrivacyRequestId;
  readonly customer: CustomerId;
}

/**
 * One step: in the audit log, marked by a tombstone, what is there counted and written down, deleted, and then counted
 * anew by other queries than those that deleted. May be called again after anything; `left` above 0 means call again.
 * The steps go in this order: who is asked for the tokens of cards must be asked before `persons`.
 */
export async function eraseFrom(
  room: Room,
  erasing: Erasing,
  store: ErasedStore,
): Promise<Result<StoreAnswer, "unavailable">> {
  const { request, customer } = erasing;
  if (!(await room.trail.record("privacy_request", true, `request:${request}`, { act: "erase", store })))
    return fail("unavailable");
  await bury(room, erasing);
  const count = await intend(room, request, store, await remaining(room, customer, store));
  await removeFrom(room, customer, store);
  return ok({
    store,
    outcome: count === 0 ? "none" : "erased",
    count,
    left: await remaining(room, customer, store),
  });
}

/**
 * Trips that are going on with this customer: their objects are to forget them before the links go. The first that is
 * asked of this room, so it closes the way in: every link is written only while the customer's row is there, and a tap
 * while another store is still waited for would make a trip that nobody tells any more.
 */
export async function openTripsOf(room: Room, customer: CustomerId): Promise<readonly SessionId[]> {
  const asked = await openErasureOf(room, customer);
  if (asked !== undefined) await intend(room, asked, "entities", await remaining(room, customer, "entities"));
  await room.entities.delete(customers).where(eq(customers.id, customer));
  const rows = await room.entities
    .select({ session: sessionLinks.session })
    .from(sessionLinks)
    .where(and(eq(sessionLinks.customer, customer), isNull(sessionLinks.ended)));
  return rows.map(({ session }) => session as SessionId);
}

/** The request of an erasure that goes on. */
async function openErasureOf(room: Room, customer: CustomerId): Promise<PrivacyRequestId | undefined> {
  const own = and(
    eq(privacyRequests.customer, customer),
    eq(privacyRequests.kind, "erasure"),
    isNull(privacyRequests.ended),
  );
  return (await room.entities.select({ id: privacyRequests.id }).from(privacyRequests).where(own).get())?.id;
}

/**
 * Everything of a customer at once, without asking, for the replay of tombstones. An erasure that goes on still asks
 * what each store had: that is written down before. Its request names the customer until nothing is left.
 * @returns what is left, counted anew
 */
export async function removeAll(room: Room, customer: CustomerId): Promise<number> {
  const asked = await openErasureOf(room, customer);
  if (asked !== undefined)
    for (const store of STORES) await intend(room, asked, store, await remaining(room, customer, store));
  for (const store of STORES) await removeFrom(room, customer, store);
  const counts = await Promise.all(STORES.map((store) => remaining(room, customer, store)));
  const left = counts.reduce((total, each) => total + each, 0);
  if (left === 0)
    await batched(
      room.entities,
      UNTIL_THE_END.map((each) => removalOf(room.entities, each, customer)),
    );
  return left;
}

/**
 * A step of an erasure that the replay of tombstones was ahead of: it takes the customer off the request only once it
 * has counted that no store has anything left, and has written down what each had.
 */
export async function erasedByReplay(
  room: Room,
  request: PrivacyRequestId,
  store: ErasedStore,
): Promise<Result<StoreAnswer, Unfinished>> {
  const row = await room.entities.select().from(privacyRequests).where(eq(privacyRequests.id, request)).get();
  if (row?.kind !== "erasure" || row.outcome === "refused" || row.customer !== null) return fail("unknown");
  const own = and(eq(erasures.request, request), eq(erasures.store, store));
  const count = (await room.entities.select().from(erasures).where(own).get())?.records ?? 0;
  return ok({ store, outcome: count === 0 ? "none" : "erased", count, left: 0 });
}

/** Deletes, without asking: for a step that was audited, and for the replay of tombstones. */
export async function removeFrom(room: Room, customer: CustomerId, store: ErasedStore): Promise<void> {
  switch (store) {
    case "entities": {
      const key = await room.keys.read(customer);
      const ours = tablesOf("entities").map((each) => removalOf(room.entities, each, customer));
      const seen =
        key === undefined ? [] : [room.entities.delete(looks).where(eq(looks.subject, await commitment(key)))];
      await batched(room.entities, [...ours, ...seen]);
      return;
    }
    case "persons":
      await batched(
        room.persons,
        tablesOf("persons").map((each) => removalOf(room.persons, each, customer)),
      );
      return;
    case "person_keys":
      await room.keys.destroy(customer);
      return;
    default:
      return unreachable(store);
  }
}

/** How many records of a customer a store has at this moment. */
export async function remaining(room: Room, customer: CustomerId, store: ErasedStore): Promise<number> {
  switch (store) {
    case "entities": {
      const key = await room.keys.read(customer);
      const seen = sql`SELECT count(*) AS n FROM looks WHERE subject = ${key === undefined ? "" : await commitment(key)}`;
      return sum(room.entities, [...tablesOf("entities").map((each) => countOf(each, customer)), seen]);
    }
    case "persons":
      return sum(
        room.persons,
        tablesOf("persons").map((each) => countOf(each, customer)),
      );
    case "person_keys":
      return (await room.keys.exists(customer)) ? 1 : 0;
    default:
      return unreachable(store);
  }
}

function tablesOf(database: ErasedTable["database"]): readonly ErasedTable[] {
  return ERASED_TABLES.filter((each) => each.database === database);
}

async function sum(database: DrizzleD1Database, counts: readonly SQL[]): Promise<number> {
  const rows = await Promise.all(counts.map((each) => database.get<{ n: number }>(each)));
  return rows.reduce((total, row) => total + (row?.n ?? 0), 0);
}

type Statement = Parameters<DrizzleD1Database["batch"]>[0][number];

async function batched(database: DrizzleD1Database, statements: readonly unknown[]): Promise<void> {
  const [first, ...rest] = statements as readonly Statement[];
  if (first !== undefined) await database.batch([first, ...rest]);
}

/** Before anything is deleted: from here on a copy of yesterday is recognised, and no older token makes an account. */
async function bury(room: Room, { request, customer }: Erasing): Promise<void> {
  const erasure = { request, erased: room.now() };
  await room.tombstones.bury("customer", await room.tombstones.value("customer", customer), erasure);
  const person = await room.persons
    .select({ mark: persons.subjectMark })
    .from(persons)
    .where(eq(persons.id, customer))
    .get();
  if (person?.mark != null) await room.tombstones.bury("subject", person.mark, erasure);
}

/** What was there, written before it goes. @returns the most that any try of this step found */
async function intend(room: Room, request: string, store: ErasedStore, records: number): Promise<number> {
  const [, rows] = await room.entities.batch([
    room.entities
      .insert(erasures)
      .values({ request, store, records, begun: room.now() })
      .onConflictDoUpdate({
        target: [erasures.request, erasures.store],
        set: { records: sql`max(records, excluded.records)` },
      }),
    room.entities
      .select({ records: erasures.records })
      .from(erasures)
      .where(and(eq(erasures.request, request), eq(erasures.store, store))),
  ]);
  return rows[0]?.records ?? records;
}
