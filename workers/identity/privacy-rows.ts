import { and, asc, eq, inArray, isNull, desc } from "drizzle-orm";
import type { CalendarDate } from "../../protocol/calendar/date.ts";
import type { CustomerId, OneTripCustomer, SessionId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Principal } from "../../protocol/rooms/identity.ts";
import type { PrivacyFacts, Unfinished } from "../../protocol/rooms/privacy.ts";
import type { LinkedTrip } from "../../protocol/rooms/privacy-stores.ts";
import { settleFile } from "./access-file-life.ts";
import { privacyRequests, sessionLinks } from "./entities-schema.ts";
import { removalOf, UNTIL_THE_END } from "./erasure-tables.ts";
import type { PersonKey } from "./person-key.ts";
import { persons } from "./persons-schema.ts";
import type { Room } from "./room.ts";

/** A request as it is kept; `customer` is null once an erasure has come so far. */
export type RequestRow = typeof privacyRequests.$inferSelect;

/** In `index_key_version` of a request: its keyed values are under the key that never rotates. */
export const UNDER_THE_TOMBSTONES_KEY = 0;

/**
 * Keyed values of a request, the one that is written first. They outlive the person that they are of, so they can't be
 * made again and are under the tombstones' key; in rows from before, under a version of the index key.
 */
export async function keyedForms(
  room: Room,
  field: "privacy_requester" | "privacy_key" | "privacy_order",
  ...value: readonly string[]
): Promise<readonly string[]> {
  return [await room.tombstones.value("request", field, ...value), ...(await room.index.all(field, ...value))];
}

export async function requestRow(room: Room, request: string): Promise<RequestRow | undefined> {
  return room.entities.select().from(privacyRequests).where(eq(privacyRequests.id, request)).get();
}

/** A request together with the key of the person whose it is: to be had while both are there. */
export interface OpenRequest {
  readonly row: RequestRow;
  readonly key: PersonKey;
}

/** @param kind what the request must be of, for what is asked to be done */
export async function openRequest(
  room: Room,
  request: string,
  ...kinds: readonly RequestRow["kind"][]
): Promise<Result<OpenRequest, Unfinished>> {
  const row = await requestRow(room, request);
  if (row === undefined || row.customer === null || row.outcome === "refused" || !kinds.includes(row.kind))
    return fail("unknown");
  const key = await room.keys.read(row.customer as CustomerId);
  return key === undefined ? fail("unknown") : ok({ row, key });
}

/** The request when it is this person's; undefined says nothing about whether there is one. */
export async function ownRequest(room: Room, person: Principal, request: string): Promise<RequestRow | undefined> {
  const [row, holder, requesters] = await Promise.all([
    requestRow(room, request),
    knownCustomer(room, person),
    keyedForms(room, "privacy_requester", request, person.issuer, person.subject),
  ]);
  if (row === undefined) return undefined;
  return (row.customer !== null && row.customer === holder) || requesters.includes(row.requester ?? "")
    ? row
    : undefined;
}

export async function factsOf(room: Room, request: string): Promise<Result<PrivacyFacts, Unfinished>> {
  const row = await requestRow(room, request);
  if (row === undefined) return fail("unknown");
  const { id, kind, law, subject, received, receivedOn, checkedBy, outcome } = row;
  return ok({
    request: id,
    kind,
    law,
    subject: kind === "erasure" ? "" : subject,
    received,
    receivedOn: receivedOn as CalendarDate,
    checkedBy,
    outcome,
  });
}

const MOST_AT_ONCE = 50;

export async function unstartedRequests(room: Room): Promise<Result<readonly string[], "unavailable">> {
  const rows = await room.entities
    .select({ id: privacyRequests.id })
    .from(privacyRequests)
    .where(and(isNull(privacyRequests.started), isNull(privacyRequests.ended)))
    .orderBy(asc(privacyRequests.received))
    .limit(MOST_AT_ONCE);
  return ok(rows.map(({ id }) => id));
}

export async function markStarted(room: Room, request: string): Promise<Result<undefined, Unfinished>> {
  await room.entities
    .update(privacyRequests)
    .set({ started: room.now() })
    .where(and(eq(privacyRequests.id, request), isNull(privacyRequests.started)));
  return (await requestRow(room, request)) === undefined ? fail("unknown") : ok();
}

/**
 * The customer of an erasure, for as long as it goes on: their key may be gone already.
 */
export async function erasingCustomer(room: Room, request: string): Promise<CustomerId | undefined> {
  const row = await requestRow(room, request);
  return row?.kind === "erasure" && row.outcome !== "refused" ? ((row.customer ?? undefined) as CustomerId) : undefined;
}

/**
 * The end, set once. What was to be corrected is not kept beyond it; an access file can be fetched from then on; an
 * erasure's end takes the customer off every request and notice.
 */
export async function markEnded(
  room: Room,
  request: string,
  outcome: "done" | "refused",
): Promise<Result<undefined, Unfinished>> {
  await room.entities
    .update(privacyRequests)
    .set({ ended: room.now(), outcome, correction: null })
    .where(and(eq(privacyRequests.id, request), isNull(privacyRequests.ended)));
  const row = await requestRow(room, request);
  if (row === undefined || row.outcome !== outcome) return fail("unknown");
  await settleFile(room, row);
  if (row.kind === "erasure" && outcome === "done" && row.customer !== null)
    for (const each of UNTIL_THE_END) await removalOf(room.entities, each, row.customer);
  return ok();
}

/**
 * All of them, newest first: what is left out here, an erasure would pass over and an access file would hide. A number
 * that a whole shop uses has tens of thousands.
 */
export async function linkedTrips(room: Room, customer: string): Promise<readonly LinkedTrip[]> {
  const rows = await room.entities
    .select()
    .from(sessionLinks)
    .where(eq(sessionLinks.customer, customer))
    .orderBy(desc(sessionLinks.linked), asc(sessionLinks.session));
  return rows.map(({ session, oneTrip, linked, ended }) => ({
    session: session as SessionId,
    customer: oneTrip as OneTripCustomer | null,
    linked: linked ?? 0,
    ended,
  }));
}

/** Trips that a request concerns; each answer is a join of sessions and a customer, and audited as one. */
export async function tripsOf(room: Room, request: string): Promise<Result<readonly LinkedTrip[], Unfinished>> {
  const open = await openRequest(room, request, "access", "erasure");
  if (!open.ok) return open;
  const { row, key } = open.value;
  const joined = await room.trail.join("privacy_trips", `subject:${row.subject}`, {
    fields: "session",
    // Of an erasure, the id must not stand beside the commitment.
    ...(row.kind === "erasure" ? {} : { request }),
  });
  return joined ? ok(await linkedTrips(room, key.person)) : fail("unavailable");
}

/** The customer of a checked token, if there is one: makes no account and opens nothing. */
async function knownCustomer(room: Room, { issuer, subject }: Principal): Promise<string | undefined> {
  const where = inArray(persons.subjectIndex, [...(await room.index.all("subject", issuer, subject))]);
  const row = await room.persons.select({ id: persons.id }).from(persons).where(where).get();
  return row?.id;
}
