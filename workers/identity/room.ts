import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { Cell } from "../../protocol/ids.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { type AuditTrail, auditTrail, type Door } from "./audit-trail.ts";
import { statementKey } from "./card-statement.ts";
import { type BlindIndex, blindIndex } from "./blind-index.ts";
import { type Random, secretBytes } from "./bytes.ts";
import { checkEnv, type Env } from "./env.ts";
import { keepLook } from "./looks.ts";
import { keyRing } from "./key-ring.ts";
import { CeremonyUnrecorded, checkKeyVersions, type Rings } from "./key-versions.ts";
import { wrappingKeys } from "./person-key.ts";
import { type PersonKeys, personKeys } from "./person-keys.ts";
import { StoreFailure } from "./store-failure.ts";
import { type Tombstones, tombstones } from "./tombstones.ts";

/** All that one call of the room works with; time and randomness are part of it. */
export interface Room {
  readonly cell: Cell;
  /** Tier 2. */
  readonly entities: DrizzleD1Database;
  /** Tier 3. */
  readonly persons: DrizzleD1Database;
  readonly keys: PersonKeys;
  /** Who was erased, so that nothing brings them back. */
  readonly tombstones: Tombstones;
  readonly index: BlindIndex;
  /** The keys that come in versions. */
  readonly rings: Rings;
  readonly trail: AuditTrail;
  /** Checks what the CDE signed of a card: its public key, and no way to it. */
  readonly statements: CryptoKey;
  readonly random: Random;
  now(): number;
}

type Opened = Omit<Room, "trail">;

/**
 * Keys are imported once an isolate, not once a call. What is kept is the room and not its promise: a promise belongs
 * to the request that made it, and one that failed would be everybody's answer for the isolate's life.
 */
const rooms = new WeakMap<Env, Opened>();

/**
 * @throws Error naming what the configuration is missing, a key that is still needed above all.
 * @throws StoreFailure when that can't be seen at this moment
 */
export async function openRoom(env: Env, door: Door): Promise<Room> {
  const known = rooms.get(env);
  const opened = known ?? (await boot(env));
  const keep = (act: AuditAct, index: number) => keepLook(opened.entities, act, index);
  const room = { ...opened, trail: auditTrail(env.AUDIT, door, opened.now, keep) };
  if (known === undefined) await checkKeys(room);
  rooms.set(env, opened);
  return room;
}

async function checkKeys(room: Room): Promise<void> {
  try {
    await checkKeyVersions(room, room.rings);
  } catch (error) {
    if (error instanceof CeremonyUnrecorded) throw new StoreFailure("the audit log");
    throw error;
  }
}

async function boot(env: Env): Promise<Opened> {
  const cell = checkEnv(env);
  const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
  const wrapping = keyRing("IDENTITY_KEK", env.IDENTITY_KEK);
  const indexing = keyRing("IDENTITY_INDEX_KEY", env.IDENTITY_INDEX_KEY);
  return {
    cell,
    entities: drizzle(env.ENTITIES),
    persons: drizzle(env.PERSONS),
    keys: personKeys(env.PERSON_KEYS, await wrappingKeys(wrapping), cell, random),
    tombstones: tombstones(
      env.PERSON_KEYS,
      secretBytes("IDENTITY_TOMBSTONE_KEY", env.IDENTITY_TOMBSTONE_KEY),
      cell,
      random,
    ),
    rings: { wrapping, index: indexing },
    index: blindIndex(indexing, cell),
    statements: await statementKey(env.CDE_VERIFICATION_JWK),
    random,
    now: () => Date.now(),
  };
}
