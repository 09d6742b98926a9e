import { and, asc, eq, gt, ne, sql, type SQL } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Principal } from "../../protocol/rooms/identity.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import { OPEN_FILE_MS } from "./access-file-life.ts";
import { customers } from "./entities-schema.ts";
import { openField } from "./person-fields.ts";
import type { PersonKey } from "./person-key.ts";
import { accessParts } from "./persons-schema.ts";
import { openRequest, ownRequest, type RequestRow } from "./privacy-rows.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";
import { unfinishedAmong } from "./unfinished-members.ts";

/** Of one part, before it is sealed; a row of D1 holds 2 MB. */
const MAX_PART = 512 * 1024;
const MAX_PARTS = 10_000;

type PartStore = "persons" | "entities" | "sessions" | "receipts";

/** A piece of the file: lists by name; lists of the same name in several parts are one. */
type Part = Readonly<Record<string, readonly unknown[]>>;

/**
 * Seals a part and keeps it; the same part again takes its place. The first part of a store begins its share anew: what
 * an earlier try left behind it goes, so that a shorter one leaves nothing of a longer one.
 * @returns false when nothing was kept, as the person is not there any more
 */
export async function keepPart(
  room: Room,
  { request, key }: { readonly request: string; readonly key: PersonKey },
  store: PartStore,
  part: number,
  content: Part,
): Promise<boolean> {
  const records = Object.values(content).reduce((sum, list) => sum + list.length, 0);
  const field = `access:${request}:${store}:${part}` as const;
  const sealed = await seal(key, { cell: room.cell, person: key.person, field }, JSON.stringify(content), room.random);
  const expires = room.now() + OPEN_FILE_MS;
  const others = and(eq(accessParts.request, request), eq(accessParts.store, store), ne(accessParts.part, 0));
  const keepIf = async (condition: SQL): Promise<boolean> => {
    const keep = room.persons
      .insert(accessParts)
      .select(
        sql`SELECT ${request}, ${store}, ${part}, ${key.person}, ${sealed}, ${records}, ${expires} WHERE ${condition}`,
      )
      .onConflictDoUpdate({
        target: [accessParts.request, accessParts.store, accessParts.part],
        set: { sealed, records, expires },
      });
    const [kept] =
      part === 0
        ? await room.persons.batch([keep, room.persons.delete(accessParts).where(others)])
        : await room.persons.batch([keep]);
    return kept.meta.changes === 1;
  };
  // An erasure may have come since the key was read: the statement itself asks whether there is still a person.
  if (await keepIf(sql`EXISTS (SELECT 1 FROM persons WHERE id = ${key.person})`)) return true;
  // A member whose import broke off has a number and no record yet, and may ask all the same.
  if ((await unfinishedAmong(room, [key.person])).size === 0 || !(await keepIf(sql`TRUE`))) return false;
  const customer = await room.entities.select().from(customers).where(eq(customers.id, key.person)).get();
  if (customer === undefined) await room.persons.delete(accessParts).where(eq(accessParts.request, request));
  return customer !== undefined;
}

/** What another room holds of the person, as the request's object brings it. */
export async function collectPart(
  room: Room,
  request: string,
  store: "sessions" | "receipts",
  part: number,
  json: string,
): Promise<Result<undefined, Unfinished>> {
  const content = json.length <= MAX_PART && part < MAX_PARTS ? parsePart(json) : undefined;
  if (content === undefined) throw new RangeError("part is malformed");
  const open = await openRequest(room, request, "access");
  if (!open.ok) return open;
  const kept = await keepPart(room, { request, key: open.value.key }, store, part, content);
  // Asked again, it is `unknown` once the erasure has come to the key.
  return kept ? ok() : fail("unavailable");
}

/** How many records of a store the file has. */
export async function recordsIn(room: Room, request: string, store: PartStore): Promise<number> {
  const row = await room.persons
    .select({ records: sql<number>`coalesce(sum(records), 0)` })
    .from(accessParts)
    .where(and(eq(accessParts.request, request), eq(accessParts.store, store)))
    .get();
  return row?.records ?? 0;
}

/** The whole file as JSON text: for its owner alone, once the request is done, while it is there. */
export async function readFile(room: Room, person: Principal, request: string): Promise<Result<string, Unfinished>> {
  const row = await ownRequest(room, person, request);
  if (row === undefined || row.kind !== "access" || row.outcome !== "done") return fail("unknown");
  const open = await openRequest(room, request, "access");
  if (!open.ok) return open;
  const on = `subject:${row.subject}`;
  if (!(await room.trail.join("access_file_show", on, { fields: "all", request }))) return fail("unavailable");
  const text = await openFile(room, row, open.value.key);
  return text === undefined ? fail("unknown") : ok(text);
}

/** Whether somebody's letter has come to a file that is still there: the only one that staff may be shown, two of them. */
export async function isFileOfLetter(room: Room, { id, kind, checkedBy, outcome }: RequestRow): Promise<boolean> {
  if (kind !== "access" || checkedBy !== "staff" || outcome !== "done") return false;
  const part = await room.persons.select({ part: accessParts.part }).from(accessParts).where(still(room, id)).get();
  return part !== undefined;
}

/** The file's content as JSON text; undefined when it is not there any more. The look is the caller's to record first. */
export async function openFile(room: Room, row: RequestRow, key: PersonKey): Promise<string | undefined> {
  const { id: request, law, receivedOn } = row;
  const rows = await room.persons
    .select()
    .from(accessParts)
    .where(still(room, request))
    .orderBy(asc(accessParts.store), asc(accessParts.part));
  const [first] = rows;
  if (first === undefined) return undefined;
  const lists: Record<string, unknown[]> = {};
  for (const { store, part, sealed } of rows) {
    const text = await openField(room, key, `access:${request}:${store}:${part}`, sealed);
    for (const [name, list] of Object.entries(JSON.parse(text) as Part)) (lists[name] ??= []).push(...list);
  }
  const { looksLeftOut, ...found } = lists;
  const leftOut = looksLeftOut === undefined ? {} : { looksLeftOut: looksLeftOut[0] };
  return JSON.stringify({ request, law, receivedOn, until: first.expires, ...found, ...leftOut });
}

const still = (room: Room, request: string) =>
  and(eq(accessParts.request, request), gt(accessParts.expires, room.now()));

function parsePart(json: string): Part | undefined {
  try {
    const value = JSON.parse(json) as unknown;
    const isPart = typeof value === "object" && value !== null && Object.values(value).every(Array.isArray);
    return isPart && !Array.isArray(value) ? (value as Part) : undefined;
  } catch {
    return undefined;
  }
}
