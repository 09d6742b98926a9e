import { and, eq, isNull } from "drizzle-orm";
import { hex } from "../../protocol/bytes.ts";
import type { IdentityKey } from "../../protocol/rooms/key-rotation.ts";
import { type Bytes, canonical } from "./bytes.ts";
import { keyVersions } from "./entities-schema.ts";
import type { KeyRing } from "./key-ring.ts";
import { recordsUnder } from "./key-uses.ts";
import type { Room } from "./room.ts";

/** The two keys that come in versions. */
export type Rings = Readonly<Record<IdentityKey, KeyRing>>;

export const SECRET_OF: Readonly<Record<IdentityKey, string>> = {
  wrapping: "IDENTITY_KEK",
  index: "IDENTITY_INDEX_KEY",
};

type VersionRow = typeof keyVersions.$inferSelect;

/**
 * Once an isolate: the configured versions are the ones that the databases know. A key taken away too early, another key
 * under a known number, or a retired one that writes again would make people unknown: then nothing is served.
 * @throws Error naming the secret and the version
 */
export async function checkKeyVersions(room: Room, rings: Rings): Promise<void> {
  const known = await room.entities.select().from(keyVersions);
  for (const key of ["wrapping", "index"] as const) {
    const ring = rings[key];
    const rows = known.filter((row) => row.key === key);
    for (const [version, secret] of ring.versions) await meet(room, { key, version, secret }, ring, rows);
    for (const row of rows) if (row.retired === null && !ring.versions.has(row.version)) await takenAway(room, row);
  }
}

interface Met {
  readonly key: IdentityKey;
  readonly version: number;
  readonly secret: Bytes;
}

async function meet(room: Room, met: Met, ring: KeyRing, rows: readonly VersionRow[]): Promise<void> {
  const { key, version } = met;
  const row = rows.find((each) => each.version === version);
  const checkValue = await checkValueOf(room, met);
  const name = `secret ${SECRET_OF[key]}`;
  if (row !== undefined && row.checkValue !== checkValue)
    throw new Error(`${name} has another key as version ${version} than before`);
  const writes = ring.current === version;
  if (row?.retired != null && writes) throw new Error(`${name} writes with version ${version}, which is retired`);
  // A database's first keys are no rotation, so no act of one.
  const first = rows.length === 0;
  const now = room.now();
  if (row === undefined) {
    const entry = first ? null : await ceremony(room, key, { act: "introduce", version, check: checkValue });
    const activated = first && writes ? now : null;
    await room.entities
      .insert(keyVersions)
      .values({ key, version, checkValue, introduced: now, introducedEntry: entry, activated })
      .onConflictDoNothing();
  }
  if (writes && (row?.activated ?? null) === null && !(row === undefined && first)) {
    const entry = await ceremony(room, key, { act: "activate", version, check: checkValue });
    await room.entities
      .update(keyVersions)
      .set({ activated: now, activatedEntry: entry })
      .where(and(eq(keyVersions.key, key), eq(keyVersions.version, version), isNull(keyVersions.activated)));
  }
}

/** Not configured any more: good when nothing is under it, which is counted now; an alarm when something is. */
async function takenAway(room: Room, { key, version }: VersionRow): Promise<void> {
  const left = await recordsUnder(room, key, version);
  const places = Object.entries(left);
  if (places.length > 0) {
    const counts = places.map(([place, count]) => `${count} ${place}`).join(", ");
    throw new Error(`secret ${SECRET_OF[key]} is without version ${version}, which is needed: ${counts}`);
  }
  await retireVersion(room, key, version);
}

/**
 * Nothing is under it, as the caller has counted. Written in the log before it is believed.
 * @returns the entry's index
 */
export async function retireVersion(room: Room, key: IdentityKey, version: number, staff?: string): Promise<number> {
  const by = staff === undefined ? {} : { staff };
  const entry = await ceremony(room, key, { act: "retire", version, left: 0, ...by });
  await room.entities
    .update(keyVersions)
    .set({ retired: room.now(), retiredEntry: entry })
    .where(and(eq(keyVersions.key, key), eq(keyVersions.version, version), isNull(keyVersions.retired)));
  return entry;
}

/**
 * @returns the index of the act's entry in the audit log
 * @throws CeremonyUnrecorded when the audit log did not take the act
 */
export async function ceremony(
  room: Room,
  key: IdentityKey,
  detail: Readonly<Record<string, string | number>>,
): Promise<number> {
  const entry = await room.trail.entry("key_ceremony", true, `key:identity-${key}`, detail);
  if (entry === undefined) throw new CeremonyUnrecorded();
  return entry;
}

/** No act of a rotation without its entry in the log. */
export class CeremonyUnrecorded extends Error {
  override readonly name = "CeremonyUnrecorded";
}

/** HMAC-SHA-256 of the key's name and number, cut to 8 bytes: tells keys apart, and is no help in finding one. */
async function checkValueOf(room: Room, { key, version, secret }: Met): Promise<string> {
  const hmac = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const value = await crypto.subtle.sign("HMAC", hmac, canonical("cartwright/key-check", key, version, room.cell));
  return hex(new Uint8Array(value).slice(0, 8));
}
