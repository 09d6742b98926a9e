import { sql, type SQL } from "drizzle-orm";
import { ok, type Result } from "../../protocol/result.ts";
import type { IdentityKey, KeyCeremony, KeyUse } from "../../protocol/rooms/key-rotation.ts";
import { keyVersions } from "./entities-schema.ts";
import type { Room } from "./room.ts";

interface Indexed {
  readonly database: "entities" | "persons";
  /** Version and rows, of what has a value keyed with the index key. */
  readonly count: SQL<{ version: number; n: number }>;
}

const byVersion = (table: string, version: SQL, which: SQL) =>
  sql<{ version: number; n: number }>`SELECT ${version} AS version, count(*) AS n FROM ${sql.identifier(table)}
    WHERE ${which} GROUP BY 1`;

/**
 * Where values keyed with the index key are. Codes and the credentials of trips are not kept in any form that a new
 * index could be made from: codes go after seven days, credentials at their trip's end.
 */
const INDEXED: Readonly<Record<string, Indexed>> = {
  loyalty_numbers: { database: "entities", count: byVersion("loyalty_numbers", sql`index_key_version`, sql`1`) },
  card_references: { database: "entities", count: byVersion("card_references", sql`index_key_version`, sql`1`) },
  payment_methods: { database: "persons", count: byVersion("payment_methods", sql`index_key_version`, sql`1`) },
  persons: {
    database: "persons",
    count: byVersion("persons", sql`index_key_version`, sql`subject_index IS NOT NULL`),
  },
  privacy_requests: {
    database: "entities",
    count: byVersion(
      "privacy_requests",
      sql`index_key_version`,
      sql`index_key_version > 0 AND (requester IS NOT NULL OR key_index IS NOT NULL)`,
    ),
  },
  pairing_codes: { database: "entities", count: byVersion("pairing_codes", sql`index_key_version`, sql`1`) },
  session_links: {
    database: "entities",
    count: byVersion("session_links", sql`coalesce(index_key_version, 1)`, sql`credential IS NOT NULL`),
  },
};

type Uses = ReadonlyMap<number, Readonly<Record<string, number>>>;

/** Records by version and place, counted in the stores themselves. */
async function usesOf(room: Room, key: IdentityKey): Promise<Uses> {
  const uses = new Map<number, Record<string, number>>();
  const add = (version: number, place: string, count: number) => {
    uses.set(version, { ...uses.get(version), [place]: count });
  };
  if (key === "wrapping") {
    for (const [version, count] of await room.keys.countByVersion()) add(version, "person_keys", count);
    return uses;
  }
  for (const [place, { database, count }] of Object.entries(INDEXED))
    for (const { version, n } of await room[database].all<{ version: number; n: number }>(count))
      add(version, place, n);
  return uses;
}

/** Empty when nothing needs the version. */
export async function recordsUnder(
  room: Room,
  key: IdentityKey,
  version: number,
): Promise<Readonly<Record<string, number>>> {
  return (await usesOf(room, key)).get(version) ?? {};
}

export async function keyUses(room: Room): Promise<Result<readonly KeyUse[], "unavailable">> {
  const rows = await room.entities.select().from(keyVersions).orderBy(keyVersions.key, keyVersions.version);
  const uses = { wrapping: await usesOf(room, "wrapping"), index: await usesOf(room, "index") };
  return ok(
    rows.map(({ key, version, activated, retired, ...entries }) => ({
      key,
      version,
      state: stateOf(room, key, version, retired !== null),
      activated,
      ceremonies: ceremoniesOf(entries),
      left: uses[key].get(version) ?? {},
    })),
  );
}

type Entries = Pick<typeof keyVersions.$inferSelect, "introducedEntry" | "activatedEntry" | "retiredEntry">;

function ceremoniesOf({ introducedEntry, activatedEntry, retiredEntry }: Entries): readonly KeyCeremony[] {
  const acts = [
    { act: "introduce", auditIndex: introducedEntry },
    { act: "activate", auditIndex: activatedEntry },
    { act: "retire", auditIndex: retiredEntry },
  ] as const;
  return acts.flatMap(({ act, auditIndex }) => (auditIndex === null ? [] : [{ act, auditIndex }]));
}

function stateOf(room: Room, key: IdentityKey, version: number, retired: boolean): KeyUse["state"] {
  const { current, versions } = room.rings[key];
  if (version === current) return "writes";
  if (retired) return "retired";
  return versions.has(version) ? "reads" : "missing";
}
