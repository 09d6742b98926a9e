import { drizzle } from "drizzle-orm/d1";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import { blindIndex } from "../blind-index.ts";
import { type Random, secretBytes } from "../bytes.ts";
import { statementKey } from "../card-statement.ts";
import { keyRing } from "../key-ring.ts";
import { wrappingKeys } from "../person-key.ts";
import { personKeys } from "../person-keys.ts";
import type { Room } from "../room.ts";
import { tombstones } from "../tombstones.ts";
import { cdePublicJwk } from "../test/card-statements.ts";
import { type IdentityKeys, type IdentityUnderTest, THIRD_KEY } from "../test/room.ts";

export const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** What a test can put between an isolate and the real stores. */
export interface IsolateOptions {
  readonly bucket?: (real: R2Bucket) => R2Bucket;
  readonly entities?: (real: D1Database) => D1Database;
  readonly acts?: AuditAct[];
  readonly now?: () => number;
}

/**
 * The room's own code with a configuration of its own, on the databases and the bucket of a running room: as many
 * isolates as a test wants, each at another point of a rotation.
 */
export async function isolate(
  { room: { miniflare, worker } }: IdentityUnderTest,
  keys: IdentityKeys,
  { bucket = (real) => real, entities = (real) => real, acts = [], now = () => Date.now() }: IsolateOptions = {},
): Promise<Room> {
  const wrapping = keyRing("IDENTITY_KEK", keys.IDENTITY_KEK);
  const index = keyRing("IDENTITY_INDEX_KEY", keys.IDENTITY_INDEX_KEY);
  const stored = bucket((await miniflare.getR2Bucket("PERSON_KEYS", worker)) as unknown as R2Bucket);
  const entry: Room["trail"]["entry"] = (kind, success, on, detail) => {
    const index = acts.push({
      who: "test",
      kind,
      when: now(),
      success,
      from: "test",
      on,
      ...(detail === undefined ? {} : { detail }),
    });
    return Promise.resolve(index - 1);
  };
  const record: Room["trail"]["record"] = async (...act) => (await entry(...act)) !== undefined;
  return {
    cell: "eu",
    entities: drizzle(entities((await miniflare.getD1Database("ENTITIES", worker)) as never)),
    persons: drizzle((await miniflare.getD1Database("PERSONS", worker)) as never),
    keys: personKeys(stored, await wrappingKeys(wrapping), "eu", random),
    tombstones: tombstones(stored, secretBytes("IDENTITY_TOMBSTONE_KEY", THIRD_KEY), "eu", random),
    rings: { wrapping, index },
    index: blindIndex(index, "eu"),
    trail: { entry, record, join: (purpose, on, detail) => record("tier_join", true, on, { purpose, ...detail }) },
    statements: await statementKey(await cdePublicJwk()),
    random,
    now,
  };
}
