import { asc, eq, sql } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { PaymentMethod } from "../../protocol/rooms/identity.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { keepPart, recordsIn } from "./access-parts.ts";
import {
  cardReferences,
  customers,
  disclosures,
  looks,
  loyaltyNumbers,
  privacyNotices,
  privacyRequests,
} from "./entities-schema.ts";
import { looksAt } from "./looks.ts";
import { openField, readFields } from "./person-fields.ts";
import type { PersonKey } from "./person-key.ts";
import { paymentMethods, persons } from "./persons-schema.ts";
import { linkedTrips, openRequest } from "./privacy-rows.ts";
import { PROFILE_FIELDS } from "./profile-rules.ts";
import type { Room } from "./room.ts";

/** Trips and looks a part: each is some 100 and some 200 bytes of JSON, and a row of D1 holds 2 MB. */
const TRIPS_A_PART = 4_000;
const LOOKS_A_PART = 1_000;
const MOST_LOOKS = 100_000;

/**
 * Puts this room's half of a person into the access file. What is left is counted from the tables again: records that
 * are there and not in the file.
 * @param mostLooks looks that the file takes; of more, it says how many it leaves out
 */
export async function exportOwn(
  room: Room,
  request: string,
  store: "persons" | "entities",
  mostLooks: number = MOST_LOOKS,
): Promise<Result<StoreAnswer, Unfinished>> {
  const open = await openRequest(room, request, "access");
  if (!open.ok) return open;
  const { row, key } = open.value;
  const fields = store === "persons" ? "profile payment_method" : "loyalty session recipient look";
  const on = `subject:${row.subject}`;
  if (!(await room.trail.join("privacy_export", on, { fields, request }))) return fail("unavailable");
  const there = await (store === "persons" ? exportPersons : exportEntities)(
    room,
    request,
    key,
    row.subject,
    mostLooks,
  );
  const count = await recordsIn(room, request, store);
  return ok({ store, outcome: "exported", count, left: Math.max(0, there - count) });
}

type Export = (room: Room, request: string, key: PersonKey, subject: string, mostLooks: number) => Promise<number>;

const exportPersons: Export = async (room, request, key) => {
  const record = await room.persons.select().from(persons).where(eq(persons.id, key.person)).get();
  const methods = await room.persons
    .select()
    .from(paymentMethods)
    .where(eq(paymentMethods.person, key.person))
    .orderBy(asc(paymentMethods.added));
  const profile = await readFields(room, key, PROFILE_FIELDS);
  await keepPart(room, { request, key }, "persons", 0, {
    profile: record === undefined ? [] : [{ ...profile, created: record.created, changed: record.changed }],
    paymentMethods: await Promise.all(
      methods.map(async ({ id, sealed, added }) => {
        const opened = await openField(room, key, `payment_method:${id}`, sealed);
        const { scheme, last4, expMonth, expYear } = JSON.parse(opened) as Omit<PaymentMethod, "id" | "added">;
        return { scheme, last4, expMonth, expYear, added };
      }),
    ),
  });
  return (record === undefined ? 0 : 1) + methods.length;
};

const exportEntities: Export = async (room, request, key, subject, mostLooks) => {
  const { entities } = room;
  const [records, numbers, cards, given, told, requests] = await entities.batch([
    entities.select().from(customers).where(eq(customers.id, key.person)),
    entities.select().from(loyaltyNumbers).where(eq(loyaltyNumbers.customer, key.person)),
    entities.select().from(cardReferences).where(eq(cardReferences.customer, key.person)),
    entities.select().from(disclosures).where(eq(disclosures.customer, key.person)),
    entities.select().from(privacyNotices).where(eq(privacyNotices.customer, key.person)),
    entities.select().from(privacyRequests).where(eq(privacyRequests.customer, key.person)),
  ]);
  const trips = (await linkedTrips(room, key.person)).map(({ session, linked, ended }) => ({ session, linked, ended }));
  await keepPart(room, { request, key }, "entities", 0, {
    records: records.map(({ kind, created }) => ({ kind, created })),
    loyaltyNumbers: await Promise.all(
      numbers.map(async ({ id, sealed, added }) => ({
        number: await openField(room, key, `loyalty:${id}`, sealed),
        added,
      })),
    ),
    // A card is known by a keyed fingerprint that nobody can read: that there is one is all there is to tell.
    recognisedCards: cards.map(({ added }) => ({ added })),
    trips: trips.slice(0, TRIPS_A_PART),
    recipients: given.map(({ retailer, fields, since }) => ({
      recipient: retailer,
      fields: fields.split(" "),
      since,
      told: told
        .filter((notice) => notice.retailer === retailer && notice.delivered !== null)
        .map(({ kind, delivered }) => ({ of: kind, at: delivered })),
    })),
    requests: requests.map(({ id, kind, law, receivedOn, outcome }) => ({
      request: id,
      kind,
      law,
      receivedOn,
      outcome: outcome ?? "open",
    })),
  });
  let part = 1;
  for (let at = TRIPS_A_PART; at < trips.length; at += TRIPS_A_PART, part += 1)
    await keepPart(room, { request, key }, "entities", part, { trips: trips.slice(at, at + TRIPS_A_PART) });
  let seen = 0;
  // This export's own look is the last: it is in the table before the first page is read.
  for (let more = true; more && seen < mostLooks; part += 1) {
    const many = Math.min(LOOKS_A_PART, mostLooks - seen);
    const page = await looksAt(entities, subject, seen, many);
    await keepPart(room, { request, key }, "entities", part, {
      looks: page.map(({ auditIndex, at, who, door, purpose, fields }) => ({
        at,
        who,
        door,
        purpose,
        fields: fields === "" ? [] : fields.split(" "),
        auditIndex,
      })),
    });
    seen += page.length;
    more = page.length === many;
  }
  const lists = records.length + numbers.length + cards.length + trips.length + given.length + requests.length;
  const all = await countLooks(room, subject);
  const leftOut = seen < mostLooks ? 0 : all - seen;
  if (leftOut > 0) await keepPart(room, { request, key }, "entities", part, { looksLeftOut: [leftOut] });
  // The line that says so is a record of the file, too.
  return lists + Math.min(all, seen) + (leftOut > 0 ? 1 : 0);
};

async function countLooks(room: Room, subject: string): Promise<number> {
  const row = await room.entities
    .select({ many: sql<number>`count(*)` })
    .from(looks)
    .where(eq(looks.subject, subject))
    .get();
  return row?.many ?? 0;
}
