import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { CartSerial, Kid, StoreId } from "../../protocol/ids.ts";
import type { AttestationPolicy } from "../../protocol/rooms/fleet.ts";
import { assignments, beacons, carts, manifest, policies } from "./schema.ts";

export type Database = DrizzleD1Database;

/** A cart with what is in force for it now. */
export interface RegisteredCart {
  readonly serial: CartSerial;
  readonly kid: Kid;
  readonly publicKey: Uint8Array;
  readonly status: "active" | "revoked";
  readonly assignment: { readonly store: StoreId; readonly from: number; readonly statement: string } | null;
  readonly policy: AttestationPolicy;
}

export interface Beacon {
  readonly store: StoreId;
  readonly publicKey: Uint8Array;
}

/** Before staff has set one, nothing is allowed: no image digest passes. */
export const NO_POLICY: AttestationPolicy = { digests: [], minimumSecurityCounter: 0 };

/** The one query of the door: every table by an index. */
export function cartQuery(db: Database, by: { readonly kid: Kid } | { readonly serial: CartSerial }) {
  return db
    .select({
      serial: carts.serial,
      kid: carts.kid,
      publicKey: carts.publicKey,
      revokedAt: manifest.revokedAt,
      store: assignments.store,
      from: assignments.from,
      statement: assignments.statement,
      digests: policies.digests,
      counter: policies.minimumSecurityCounter,
    })
    .from(carts)
    .innerJoin(manifest, eq(manifest.serial, carts.serial))
    .leftJoin(assignments, and(eq(assignments.serial, carts.serial), isNull(assignments.until)))
    .leftJoin(policies, sql`${policies.version} = (SELECT max(version) FROM policies)`)
    .where("kid" in by ? eq(carts.kid, by.kid) : eq(carts.serial, by.serial))
    .limit(1);
}

export async function findCart(db: Database, by: Parameters<typeof cartQuery>[1]): Promise<RegisteredCart | null> {
  const [row] = await cartQuery(db, by);
  if (row === undefined) return null;
  return {
    serial: row.serial as CartSerial,
    kid: row.kid as Kid,
    publicKey: row.publicKey,
    status: row.revokedAt === null ? "active" : "revoked",
    assignment:
      row.store === null || row.from === null || row.statement === null
        ? null
        : { store: row.store as StoreId, from: row.from, statement: row.statement },
    policy:
      row.digests === null || row.counter === null
        ? NO_POLICY
        : { digests: row.digests, minimumSecurityCounter: row.counter },
  };
}

/** The policy in force; null before staff has set one. */
export async function findPolicy(db: Database): Promise<AttestationPolicy | null> {
  const [row] = await db
    .select({ digests: policies.digests, minimumSecurityCounter: policies.minimumSecurityCounter })
    .from(policies)
    .orderBy(desc(policies.version))
    .limit(1);
  return row ?? null;
}

export async function findBeacon(db: Database, kid: string): Promise<Beacon | null> {
  const [row] = await db
    .select({ store: beacons.store, publicKey: beacons.publicKey })
    .from(beacons)
    .where(eq(beacons.kid, kid))
    .limit(1);
  return row === undefined ? null : { store: row.store as StoreId, publicKey: row.publicKey };
}

/** What the factory listed for a serial, and the certificate if it has one. */
export async function findListed(
  db: Database,
  serial: CartSerial,
): Promise<{
  readonly publicKeyHash: string;
  readonly revoked: boolean;
  readonly certificate: Uint8Array | null;
} | null> {
  const [row] = await db
    .select({
      publicKeyHash: manifest.publicKeyHash,
      revokedAt: manifest.revokedAt,
      certificate: carts.certificate,
    })
    .from(manifest)
    .leftJoin(carts, eq(carts.serial, manifest.serial))
    .where(eq(manifest.serial, serial))
    .limit(1);
  if (row === undefined) return null;
  return { publicKeyHash: row.publicKeyHash, revoked: row.revokedAt !== null, certificate: row.certificate };
}
