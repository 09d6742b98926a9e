import type { CustomerId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { TombstoneReplay } from "../../protocol/rooms/identity.ts";
import { customersIn, ERASED_TABLES, type ErasedTable, UNTIL_THE_END } from "./erasure-tables.ts";
import { removeAll } from "./erasure.ts";
import { sweepOrphans } from "./orphaned-keys.ts";
import type { Room } from "./room.ts";

/** Customers a page, and pages a call: far under D1's limit of queries for one request. */
const PAGE = 500;
const PAGES = 40;
const TABLES: readonly ErasedTable[] = [...ERASED_TABLES, ...UNTIL_THE_END];

/**
 * Walks every customer that any row names and removes those who have a tombstone: what a restored copy brought back,
 * or what an erasure that broke off left. Each is in the audit log before it goes. Behind them it walks the keys, for
 * those of nobody.
 * @param from where the last call stopped; null begins
 * @returns how far it came: `next` null is the end
 */
export async function replayTombstones(
  room: Room,
  from: string | null,
): Promise<Result<TombstoneReplay, "unavailable">> {
  const marks = await room.tombstones.all("customer");
  const report = { tombstones: marks.size, checked: 0, removed: 0, left: 0 };
  let place: Place | null = placeOf(from);
  for (let pages = 0; place !== null && pages < PAGES; pages += 1) {
    const each = TABLES[place.table];
    if (each === undefined) {
      const swept = await sweepOrphans(room, place.after);
      if (!swept.ok) return swept;
      place = swept.value === null ? null : { table: place.table, after: swept.value };
      continue;
    }
    const database = each.database === "entities" ? room.entities : room.persons;
    const rows = await customersIn(database, each, place.after, PAGE);
    for (const { customer } of rows) {
      report.checked += 1;
      const stone = await marks.match(await room.tombstones.value("customer", customer));
      if (stone === undefined) continue;
      const left = await buryAgain(room, customer as CustomerId, stone);
      if (left === undefined) return fail("unavailable");
      report.removed += 1;
      report.left += left;
    }
    place =
      rows.length < PAGE
        ? { table: place.table + 1, after: "" }
        : { table: place.table, after: rows.at(-1)?.customer ?? "" };
  }
  return ok({ ...report, next: place === null ? null : `${place.table}:${place.after}` });
}

/**
 * Removes one restored customer.
 * @param stone the tombstone's object
 * @returns what is left of them, counted anew; undefined when the audit log did not take the act
 */
export async function buryAgain(room: Room, customer: CustomerId, stone: string): Promise<number | undefined> {
  const erasure = await room.tombstones.read(stone);
  const on = `request:${erasure?.request ?? "unknown"}`;
  if (!(await room.trail.record("privacy_request", true, on, { act: "replay" }))) return undefined;
  return removeAll(room, customer);
}

/** Of the walk: a table of the list, or behind the last one the keys, and the customer that it has come to. */
interface Place {
  readonly table: number;
  readonly after: string;
}

/** @throws RangeError for what no call of ours answered */
function placeOf(from: string | null): Place {
  if (from === null) return { table: 0, after: "" };
  const match = /^(\d{1,3}):([0-9a-f-]{36}|)$/.exec(from);
  if (match?.[1] === undefined || match[2] === undefined) throw new RangeError("from is malformed");
  return { table: Number(match[1]), after: match[2] };
}
