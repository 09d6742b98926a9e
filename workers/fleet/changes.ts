import { and, eq, isNull } from "drizzle-orm";
import { hex } from "../../protocol/bytes.ts";
import { kidOf, importPublicKey } from "../../protocol/cart/cose.ts";
import type { CartSerial, Cell, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import type { AttestationPolicy } from "../../protocol/rooms/fleet.ts";
import { signAssignment } from "./assignment.ts";
import { proved } from "./outside.ts";
import { findCart, findPolicy, type Database } from "./registry.ts";
import { assignments, beacons, manifest, policies } from "./schema.ts";
import type { StatementKey } from "./statement-key.ts";

/** What a change by staff needs. Each is proved in the log before it is made, and making it twice changes nothing. */
export interface Desk {
  readonly db: Database;
  readonly audit: AuditAppender;
  readonly now: number;
}

/** Ends the assignment in force and begins another, in one transaction. */
export async function assignCart(
  desk: Desk & { readonly cell: Cell; readonly key: StatementKey },
  serial: CartSerial,
  store: StoreId,
  staff: string,
): Promise<Result<undefined, "unknown" | "revoked" | "unavailable">> {
  const cart = await findCart(desk.db, { serial });
  if (cart === null) return fail("unknown");
  if (cart.status === "revoked") return fail("revoked");
  if (cart.assignment?.store === store) return ok();
  const statement = await signAssignment({ cell: desk.cell, serial, store, from: desk.now }, desk.key);
  const detail = { store, previous: cart.assignment?.store ?? null };
  if (!(await proved(desk.audit, act(desk, staff, "store_assigned", "assign", `cart:${serial}`, detail))))
    return fail("unavailable");
  await desk.db.batch([
    desk.db
      .update(assignments)
      .set({ until: desk.now })
      .where(and(eq(assignments.serial, serial), isNull(assignments.until))),
    desk.db.insert(assignments).values({ serial, store, statement, from: desk.now, until: null }),
  ]);
  return ok();
}

/** Revokes a serial for good, enrolled or not. */
export async function revokeCart(
  desk: Desk,
  serial: CartSerial,
  staff: string,
): Promise<Result<undefined, "unknown" | "unavailable">> {
  const [row] = await desk.db
    .select({ revokedAt: manifest.revokedAt })
    .from(manifest)
    .where(eq(manifest.serial, serial))
    .limit(1);
  if (row === undefined) return fail("unknown");
  if (row.revokedAt !== null) return ok();
  if (!(await proved(desk.audit, act(desk, staff, "cart_revoked", "revoke", `cart:${serial}`))))
    return fail("unavailable");
  await desk.db
    .update(manifest)
    .set({ revokedAt: desk.now })
    .where(and(eq(manifest.serial, serial), isNull(manifest.revokedAt)));
  return ok();
}

/** A policy longer than this is a mistake: a fleet runs a handful of images at once. */
const MAX_DIGESTS = 32;

export async function addPolicy(
  desk: Desk,
  policy: AttestationPolicy,
  staff: string,
): Promise<Result<undefined, "invalid" | "unavailable">> {
  const digests = [...new Set(policy.digests)].sort();
  const counter = policy.minimumSecurityCounter;
  if (digests.length === 0 || digests.length > MAX_DIGESTS) return fail("invalid");
  if (!digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))) return fail("invalid");
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffff_ffff) return fail("invalid");
  const current = await findPolicy(desk.db);
  if (current?.minimumSecurityCounter === counter && current.digests.join() === digests.join()) return ok();
  const detail = { digests: digests.length, minimumSecurityCounter: counter };
  if (!(await proved(desk.audit, act(desk, staff, "policy_changed", "setPolicy", "attestation-policy", detail))))
    return fail("unavailable");
  await desk.db
    .insert(policies)
    .values({ digests, minimumSecurityCounter: counter, setAt: desk.now, setBy: `staff:${staff}` });
  return ok();
}

/** Registers a store's beacon, or gives it a new key. A key speaks for one beacon only. */
export async function putBeacon(
  desk: Desk,
  store: StoreId,
  beacon: string,
  publicKey: Uint8Array,
): Promise<Result<undefined, "invalid" | "unavailable">> {
  if (!(await isPoint(publicKey))) return fail("invalid");
  const kid = hex(await kidOf(publicKey));
  const [holder] = await desk.db
    .select({ store: beacons.store, beacon: beacons.beacon })
    .from(beacons)
    .where(eq(beacons.kid, kid))
    .limit(1);
  if (holder !== undefined) return holder.store === store && holder.beacon === beacon ? ok() : fail("invalid");
  const change = act(desk, null, "settings_changed", "registerBeacon", `store:${store}`, { beacon });
  if (!(await proved(desk.audit, change))) return fail("unavailable");
  const row = { kid, store, beacon, publicKey, registeredAt: desk.now };
  await desk.db
    .insert(beacons)
    .values(row)
    .onConflictDoUpdate({ target: [beacons.store, beacons.beacon], set: row });
  return ok();
}

async function isPoint(bytes: Uint8Array): Promise<boolean> {
  if (bytes.length !== 65) return false;
  return importPublicKey(bytes).then(
    () => true,
    () => false,
  );
}

function act(
  desk: Desk,
  staff: string | null,
  kind: "store_assigned" | "cart_revoked" | "policy_changed" | "settings_changed",
  method: string,
  on: string,
  detail: Readonly<Record<string, string | number | null>> = {},
) {
  const who = staff === null ? "ops" : `staff:${staff}`;
  return { who, kind, when: desk.now, success: true, from: `ForOps.${method}`, on, detail };
}
