import { and, asc, eq, gt, isNotNull, ne, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { IdentityForKeys, IdentityKey, RotationStep } from "../../protocol/rooms/key-rotation.ts";
import { cardReferences, keyVersions, loyaltyNumbers, privacyRequests } from "./entities-schema.ts";
import { ceremony, CeremonyUnrecorded, retireVersion } from "./key-versions.ts";
import { recordsUnder } from "./key-uses.ts";
import type { Kept } from "./payment-methods.ts";
import type { PersonKey } from "./person-key.ts";
import { paymentMethods, persons } from "./persons-schema.ts";
import { keyedForms, UNDER_THE_TOMBSTONES_KEY } from "./privacy-rows.ts";
import type { Room } from "./room.ts";
import { open, type SealedName } from "./sealed-field.ts";

/** Rows that one call moves: each opens its holder's key. */
const ROWS_AT_ONCE = 50;
/** So long after a version began to write, an isolate with the configuration of before may still write the older. */
const SETTLED_MS = 60_000;

type Moved = Omit<RotationStep, "auditIndex">;
type Outcome = "moved" | "stuck";

interface Place {
  readonly name: string;
  readonly key: IdentityKey;
  step(room: Room, after: string): Promise<Moved>;
}

/** All that can be moved, in the order of the walk. */
const PLACES: readonly Place[] = [
  { name: "person_keys", key: "wrapping", step: (room, after) => room.keys.rewrap(after === "" ? null : after) },
  { name: "loyalty_numbers", key: "index", step: reindexLoyalty },
  { name: "card_references", key: "index", step: reindexCards },
  { name: "payment_methods", key: "index", step: reindexMethods },
  { name: "persons", key: "index", step: reindexSubjects },
  { name: "privacy_requests", key: "index", step: moveRequests },
];

/**
 * One step of the walk over what is under an older version. With one version of each key there is nothing to walk.
 * @param from what the last call answered as `next`; null begins
 */
export async function rotateKeys(room: Room, from: string | null): Promise<Result<RotationStep, "unavailable">> {
  const [, name = PLACES[0]?.name ?? "", after = ""] = /^([a-z_]{1,32}):([\x21-\x7e]{0,80})$/.exec(from ?? "") ?? [];
  const at = PLACES.findIndex((each) => each.name === name);
  const place = PLACES[at];
  if (place === undefined || (from !== null && !from.includes(":"))) throw new RangeError("from is malformed");
  const { current, versions } = room.rings[place.key];
  const idle = versions.size === 1;
  let auditIndex: number | null = null;
  try {
    if (!idle && after === "")
      auditIndex = await ceremony(room, place.key, { act: "move", place: name, version: current });
  } catch (error) {
    if (error instanceof CeremonyUnrecorded) return fail("unavailable");
    throw error;
  }
  const done = idle ? { moved: 0, stuck: 0, next: null } : await place.step(room, after);
  const following = PLACES[at + 1];
  const next = done.next === null ? (following === undefined ? null : `${following.name}:`) : `${name}:${done.next}`;
  return ok({ ...done, next, auditIndex });
}

/** Takes a version out of use for good, once nothing is under it. Its key may be destroyed from then on. */
export async function retireKey(
  room: Room,
  key: IdentityKey,
  version: number,
  staff: string,
): ReturnType<IdentityForKeys["retireKey"]> {
  const rows = await room.entities.select().from(keyVersions).where(eq(keyVersions.key, key));
  const row = rows.find((each) => each.version === version);
  if (row === undefined) return fail("unknown_version");
  if (row.retired !== null) return ok({ auditIndex: row.retiredEntry });
  const { current } = room.rings[key];
  const since = rows.find((each) => each.version === current)?.activated ?? null;
  if (version === current || since === null || since > room.now() - SETTLED_MS) return fail("writing");
  if (Object.keys(await recordsUnder(room, key, version)).length > 0) return fail("needed");
  try {
    return ok({ auditIndex: await retireVersion(room, key, version, staff) });
  } catch (error) {
    if (error instanceof CeremonyUnrecorded) return fail("unavailable");
    throw error;
  }
}

async function reindexLoyalty(room: Room, after: string): Promise<Moved> {
  const rows = await room.entities
    .select()
    .from(loyaltyNumbers)
    .where(and(ne(loyaltyNumbers.indexKeyVersion, room.index.version), gt(loyaltyNumbers.id, after)))
    .orderBy(asc(loyaltyNumbers.id))
    .limit(ROWS_AT_ONCE);
  return walked(rows, async (row) => {
    const number = await openedFor(room, row.customer, `loyalty:${row.id}`, row.sealed);
    if (number === undefined) return "stuck";
    const blindIndex = await room.index.of("loyalty", number);
    const { meta } = await room.entities
      .update(loyaltyNumbers)
      .set({ blindIndex, indexKeyVersion: room.index.version })
      .where(and(eq(loyaltyNumbers.id, row.id), eq(loyaltyNumbers.blindIndex, row.blindIndex)));
    return meta.changes === 1 ? "moved" : "stuck";
  });
}

async function reindexCards(room: Room, after: string): Promise<Moved> {
  const rows = await room.entities
    .select()
    .from(cardReferences)
    .where(
      and(
        ne(cardReferences.indexKeyVersion, room.index.version),
        isNotNull(cardReferences.id),
        gt(cardReferences.id, after),
      ),
    )
    .orderBy(asc(cardReferences.id))
    .limit(ROWS_AT_ONCE);
  return walked(
    rows.map((row) => ({ ...row, id: row.id ?? "" })),
    async (row) => {
      const reference = await openedFor(room, row.customer, `card_reference:${row.id}`, row.sealed);
      if (reference === undefined) return "stuck";
      const blindIndex = await room.index.of("card_reference", reference);
      const { meta } = await room.entities
        .update(cardReferences)
        .set({ blindIndex, indexKeyVersion: room.index.version })
        .where(and(eq(cardReferences.id, row.id), eq(cardReferences.blindIndex, row.blindIndex)));
      return meta.changes === 1 ? "moved" : "stuck";
    },
  );
}

async function reindexMethods(room: Room, after: string): Promise<Moved> {
  const rows = await room.persons
    .select()
    .from(paymentMethods)
    .where(and(ne(paymentMethods.indexKeyVersion, room.index.version), gt(paymentMethods.id, after)))
    .orderBy(asc(paymentMethods.id))
    .limit(ROWS_AT_ONCE);
  return walked(rows, async (row) => {
    const opened = await openedFor(room, row.person, `payment_method:${row.id}`, row.sealed);
    const reference = opened === undefined ? undefined : (JSON.parse(opened) as Kept).reference;
    if (reference === undefined) return "stuck";
    const cardIndex = await room.index.of("payment_method", reference);
    const { meta } = await room.persons
      .update(paymentMethods)
      .set({ cardIndex, indexKeyVersion: room.index.version })
      .where(and(eq(paymentMethods.id, row.id), eq(paymentMethods.cardIndex, row.cardIndex)));
    return meta.changes === 1 ? "moved" : "stuck";
  });
}

async function reindexSubjects(room: Room, after: string): Promise<Moved> {
  const rows = await room.persons
    .select()
    .from(persons)
    .where(and(ne(persons.indexKeyVersion, room.index.version), isNotNull(persons.subjectIndex), gt(persons.id, after)))
    .orderBy(asc(persons.id))
    .limit(ROWS_AT_ONCE);
  return walked(rows, async (row) => {
    const pair = await openedFor(room, row.id, "subject", row.subject);
    if (pair === undefined) return "stuck";
    const [issuer, subject] = JSON.parse(pair) as [string, string];
    const { meta } = await room.persons
      .update(persons)
      .set({ subjectIndex: await room.index.of("subject", issuer, subject), indexKeyVersion: room.index.version })
      .where(and(eq(persons.id, row.id), eq(persons.subjectIndex, row.subjectIndex ?? "")));
    return meta.changes === 1 ? "moved" : "stuck";
  });
}

/** Requests from before their keyed values were under the tombstones' key. A repeat of an order is no use after so long. */
async function moveRequests(room: Room, after: string): Promise<Moved> {
  const rows = await room.entities
    .select()
    .from(privacyRequests)
    .where(
      and(
        gt(privacyRequests.indexKeyVersion, UNDER_THE_TOMBSTONES_KEY),
        isNotNull(privacyRequests.customer),
        gt(privacyRequests.id, after),
      ),
    )
    .orderBy(asc(privacyRequests.id))
    .limit(ROWS_AT_ONCE);
  return walked(rows, async (row) => {
    const person = await room.persons
      .select()
      .from(persons)
      .where(eq(persons.id, row.customer ?? ""))
      .get();
    const pair = await openedFor(room, row.customer ?? "", "subject", person?.subject ?? null);
    if (row.requester !== null && pair === undefined) return "stuck";
    const [issuer = "", subject = ""] = pair === undefined ? [] : (JSON.parse(pair) as [string, string]);
    const [requester = null] =
      row.requester === null ? [] : await keyedForms(room, "privacy_requester", row.id, issuer, subject);
    await room.entities
      .update(privacyRequests)
      .set({ requester, keyIndex: null, indexKeyVersion: UNDER_THE_TOMBSTONES_KEY })
      .where(and(eq(privacyRequests.id, row.id), sql`customer IS NOT NULL`));
    return "moved";
  });
}

/** One after the other: a broken row stays where it is and holds nothing up. */
async function walked<Row extends { readonly id: string }>(
  rows: readonly Row[],
  move: (row: Row) => Promise<Outcome>,
): Promise<Moved> {
  let [moved, stuck] = [0, 0];
  for (const row of rows) {
    const outcome = await move(row);
    if (outcome === "moved") moved += 1;
    else stuck += 1;
  }
  return { moved, stuck, next: rows.length < ROWS_AT_ONCE ? null : (rows.at(-1)?.id ?? null) };
}

/** Undefined when it is not kept, does not open in its place, or its owner is being erased. */
async function openedFor(
  room: Room,
  person: string,
  field: SealedName,
  sealed: string | null,
): Promise<string | undefined> {
  const key: PersonKey | undefined = sealed === null ? undefined : await room.keys.read(person as CustomerId);
  if (key === undefined || sealed === null) return undefined;
  try {
    return await open(key, { cell: room.cell, person: key.person, field }, sealed);
  } catch {
    console.error("identity: a sealed value does not open, so its index is not made anew");
    return undefined;
  }
}
