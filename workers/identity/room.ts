import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { Cell } from "../../protocol/ids.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { type AuditTrail, auditTrail, type Door } from "./audit-trail.ts";
import { statementKey } from "./card-statement.ts";
import { type BlindIndex, blindIndex } from "./blind-index.ts";
import { type Random, secretBytes } from "./bytes.ts";
import { checkEnv, type Env } from "./env.ts";
import { keepLook } from "./looks.ts";
import { importKek } from "./person-key.ts";
import { type PersonKeys, personKeys } from "./person-keys.ts";
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

/** @throws Error naming what the configuration is missing. */
export async function openRoom(env: Env, door: Door): Promise<Room> {
  const room = rooms.get(env) ?? (await boot(env));
  rooms.set(env, room);
  const keep = (act: AuditAct, index: number) => keepLook(room.entities, act, index);
  return { ...room, trail: auditTrail(env.AUDIT, door, room.now, keep) };
}

async function boot(env: Env): Promise<Opened> {
  const cell = checkEnv(env);
  const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
  return {
    cell,
    entities: drizzle(env.ENTITIES),
    persons: drizzle(env.PERSONS),
    keys: personKeys(env.PERSON_KEYS, await importKek(secretBytes("IDENTITY_KEK", env.IDENTITY_KEK)), cell, random),
    tombstones: tombstones(
      env.PERSON_KEYS,
      secretBytes("IDENTITY_TOMBSTONE_KEY", env.IDENTITY_TOMBSTONE_KEY),
      cell,
      random,
    ),
    index: blindIndex(secretBytes("IDENTITY_INDEX_KEY", env.IDENTITY_INDEX_KEY), cell),
    statements: await statementKey(env.CDE_VERIFICATION_JWK),
    random,
    now: () => Date.now(),
  };
}
