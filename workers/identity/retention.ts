import { eq, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { CustomerId } from "../../protocol/ids.ts";
import { ok, type Result } from "../../protocol/result.ts";
import type { Purged } from "../../protocol/rooms/retention.ts";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { looks } from "./entities-schema.ts";
import { removeFrom } from "./erasure.ts";
import { commitment } from "./person-key.ts";
import { UNTELLABLE } from "./recipient-notices.ts";
import type { Room } from "./room.ts";

/** Shoppers known by a card alone who are purged a call: each is several statements. */
const CARD_HOLDERS = 20;

/** Rows of a table whose moment is over; `moment` is null for a row that may stay. */
interface Timed {
  readonly database: "entities" | "persons";
  readonly table: string;
  readonly moment: SQL;
  /** Rows that hang on it and go in the same transaction. */
  readonly besides?: (over: SQL) => SQL;
}

const TIMED: Readonly<Record<string, Timed>> = {
  pairing_codes: { database: "entities", table: "pairing_codes", moment: sql`expires` },
  session_marks: {
    database: "entities",
    table: "session_links",
    moment: sql`CASE WHEN customer IS NULL THEN ended END`,
  },
  looks: { database: "entities", table: "looks", moment: sql`at` },
  privacy_requests: {
    database: "entities",
    table: "privacy_requests",
    moment: sql`ended`,
    besides: (over) => sql`DELETE FROM erasures WHERE request IN (SELECT id FROM privacy_requests WHERE ${over})`,
  },
  privacy_notices: {
    database: "entities",
    table: "privacy_notices",
    // What can't be told to anybody any more is over at once.
    moment: sql`CASE WHEN ${UNTELLABLE} THEN 0 ELSE delivered END`,
  },
  access_files: { database: "persons", table: "access_parts", moment: sql`expires` },
  raw_read_uses: { database: "persons", table: "raw_read_uses", moment: sql`expires` },
};

/**
 * Carries out one rule of the policy in this room's stores. The purge itself is proved by the caller's audit act.
 * @throws RangeError for a class that is not this room's
 */
export async function purge(room: Room, purgeClass: string, now: number): Promise<Result<Purged, "unavailable">> {
  const cutoff = cutoffOf(timedRule(purgeClass).term, now);
  if (purgeClass === "card_holders") return ok(await purgeCardHolders(room, cutoff));
  if (purgeClass === "tombstones") return ok({ class: purgeClass, ...(await room.tombstones.purge(cutoff)) });
  const timed = TIMED[purgeClass];
  if (timed === undefined) throw new RangeError(`${purgeClass} is not identity's`);
  return ok({ class: purgeClass, ...(await purgeTimed(room[timed.database], timed, cutoff)) });
}

async function purgeTimed(
  database: DrizzleD1Database,
  { table, moment, besides }: Timed,
  cutoff: number,
): Promise<Omit<Purged, "class">> {
  const name = sql.identifier(table);
  const over = sql`(${moment}) < ${cutoff}`;
  if (besides !== undefined) await database.run(besides(over));
  const gone = await database.run(sql`DELETE FROM ${name} WHERE ${over}`);
  const left = await database.get<{ overdue: number; oldest: number | null }>(
    sql`SELECT count(CASE WHEN ${over} THEN 1 END) AS overdue, min(${moment}) AS oldest FROM ${name}`,
  );
  return { purged: gone.meta.changes, overdueLeft: left?.overdue ?? 0, oldestLeft: left?.oldest ?? null };
}

/** The last time that a card was seen: its last trip, or the record's beginning. */
const LAST_SEEN = sql`coalesce((SELECT max(linked) FROM session_links WHERE customer = customers.id), created)`;

/**
 * Like an erasure, but by time. The looks go first, as the key says which they are; then the key, so that whatever a
 * database's history keeps can't be read; last the rows that lead here, so that a run that broke off finds them again
 * and no key is left that nobody looks for.
 */
async function purgeCardHolders(room: Room, cutoff: number): Promise<Purged> {
  const idle = sql`kind = 'card_holder' AND ${LAST_SEEN} < ${cutoff}`;
  const rows = await room.entities.all<{ id: string }>(
    sql`SELECT id FROM customers WHERE ${idle} ORDER BY id LIMIT ${CARD_HOLDERS}`,
  );
  for (const id of rows.map((row) => row.id as CustomerId)) {
    const key = await room.keys.read(id);
    if (key !== undefined) await room.entities.delete(looks).where(eq(looks.subject, await commitment(key)));
    for (const store of ["person_keys", "persons", "entities"] as const) await removeFrom(room, id, store);
  }
  const left = await room.entities.get<{ overdue: number; oldest: number | null }>(
    sql`SELECT count(CASE WHEN ${idle} THEN 1 END) AS overdue, min(${LAST_SEEN}) AS oldest FROM customers WHERE kind = 'card_holder'`,
  );
  return {
    class: "card_holders",
    purged: rows.length,
    overdueLeft: left?.overdue ?? 0,
    oldestLeft: left?.oldest ?? null,
  };
}
