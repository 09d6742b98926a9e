import { and, desc, eq, inArray, isNotNull, isNull, sql, type SQL } from "drizzle-orm";
import type { CustomerId, OneTripCustomer, SessionId } from "../../protocol/ids.ts";
import type { OpenTrip } from "../../protocol/rooms/identity.ts";
import { pairingCodes, sessionLinks } from "./entities-schema.ts";
import type { Room } from "./room.ts";

/** One attempt of a session to learn who its shopper is; a miss is written like a hit, with nobody in it. */
export interface Attempt {
  readonly session: SessionId;
  /** Under each version of the index key, the one that writes first: a retry after a rotation is the same attempt. */
  readonly credentials: readonly string[];
  readonly found: { readonly customer: CustomerId; readonly oneTrip: OneTripCustomer } | null;
  /** A further condition, checked in the same statement as the write. */
  readonly provided?: SQL;
}

export async function sessionEnded(room: Room, session: SessionId): Promise<boolean> {
  const row = await room.entities
    .select({ ended: sessionLinks.ended })
    .from(sessionLinks)
    .where(eq(sessionLinks.session, session))
    .get();
  return row !== undefined && row.ended !== null;
}

/**
 * Makes the attempt the session's one link, atomically: the same credential keeps its number, another one replaces it,
 * and an ended session takes none. A customer who was erased while the attempt was under way is not linked again.
 * @returns the session's number when it is linked to the attempt's customer now
 */
export async function writeAttempt(room: Room, attempt: Attempt): Promise<OneTripCustomer | undefined> {
  const { session, credentials, found, provided = sql`1` } = attempt;
  const [credential = ""] = credentials;
  const customer = found?.customer ?? null;
  const [, rows] = await room.entities.batch([
    room.entities
      .insert(sessionLinks)
      .select(
        sql`SELECT ${session}, ${customer}, ${found?.oneTrip ?? null}, ${credential}, ${room.now()}, NULL, ${room.index.version}
          WHERE ${provided} AND (${customer} IS NULL OR EXISTS (SELECT 1 FROM customers WHERE id = ${customer}))`,
      )
      .onConflictDoUpdate({
        target: sessionLinks.session,
        set: {
          customer: sql`excluded.customer`,
          oneTrip: sql`excluded.one_trip`,
          credential: sql`excluded.credential`,
          linked: sql`excluded.linked`,
          indexKeyVersion: sql`excluded.index_key_version`,
        },
        setWhere: sql`session_links.ended IS NULL AND (session_links.credential IS NULL
          OR NOT ${inArray(sql`session_links.credential`, [...credentials])}
          OR session_links.customer IS NOT excluded.customer)`,
      }),
    room.entities.select().from(sessionLinks).where(eq(sessionLinks.session, session)),
  ]);
  const row = rows[0];
  if (row === undefined || row.ended !== null || customer === null) return undefined;
  if (row.customer !== customer || !credentials.includes(row.credential ?? "") || row.oneTrip === null)
    return undefined;
  return row.oneTrip as OneTripCustomer;
}

/** Whether somebody is linked to the session at this moment. */
export async function isLinked(room: Room, session: SessionId): Promise<boolean> {
  const row = await room.entities
    .select({ oneTrip: sessionLinks.oneTrip })
    .from(sessionLinks)
    .where(eq(sessionLinks.session, session))
    .get();
  return row !== undefined && row.oneTrip !== null;
}

/** Whether a number is a session's own now: one statement, whatever the number is. */
export async function isAlive(room: Room, session: SessionId, oneTrip: OneTripCustomer): Promise<boolean> {
  const row = await room.entities
    .select({ session: sessionLinks.session })
    .from(sessionLinks)
    .where(and(eq(sessionLinks.session, session), eq(sessionLinks.oneTrip, oneTrip), isNull(sessionLinks.ended)))
    .get();
  return row !== undefined;
}

/** Takes the shopper off the session, and with them every pairing that could bring them back. */
export async function dropLink(room: Room, session: SessionId): Promise<void> {
  await room.entities.batch([
    room.entities
      .update(sessionLinks)
      .set({ customer: null, oneTrip: null, credential: null, linked: null })
      .where(and(eq(sessionLinks.session, session), isNull(sessionLinks.ended))),
    revokePairingsOf(room, session),
  ]);
}

/** Ends a session for good, known or not: the number dies, and no later attempt links it. */
export async function endLink(room: Room, session: SessionId): Promise<void> {
  const ended = room.now();
  await room.entities.batch([
    room.entities
      .insert(sessionLinks)
      .values({ session, ended })
      .onConflictDoUpdate({
        target: sessionLinks.session,
        set: { ended, oneTrip: null, credential: null },
        setWhere: isNull(sessionLinks.ended),
      }),
    revokePairingsOf(room, session),
  ]);
}

/** The open trip that a customer was linked to last, with their number on it. */
export async function openSession(room: Room, customer: CustomerId): Promise<OpenTrip | null> {
  const row = await room.entities
    .select({ session: sessionLinks.session, oneTrip: sessionLinks.oneTrip })
    .from(sessionLinks)
    .where(and(eq(sessionLinks.customer, customer), isNull(sessionLinks.ended), isNotNull(sessionLinks.oneTrip)))
    .orderBy(desc(sessionLinks.linked))
    .limit(1)
    .get();
  return row === undefined ? null : { session: row.session as SessionId, customer: row.oneTrip as OneTripCustomer };
}

function revokePairingsOf(room: Room, session: SessionId) {
  return room.entities
    .update(pairingCodes)
    .set({ revoked: room.now() })
    .where(and(eq(pairingCodes.session, session), isNull(pairingCodes.revoked)));
}
