import { sameBytes } from "../../protocol/bytes.ts";
import { STORE_ATTESTATION, STORE_BEACON, importPublicKey, signFrame, verifyFrame } from "../../protocol/cart/cose.ts";
import type { Frame } from "../../protocol/cart/cose.ts";
import type { Bytes } from "../../protocol/cart/cbor.ts";
import type { StoreAttestationClaims } from "../../protocol/cart/messages.ts";
import { decodeBeaconStatement, encodeStoreAttestation } from "../../protocol/cart/statements.ts";
import type { CartSerial, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Beacon } from "./registry.ts";
import type { StatementKey } from "./statement-key.ts";

/** A store attestation ends after this at the latest (FW-05): one opening day, and a cart stolen at night is dead by noon. */
export const ATTESTATION_MS = 12 * 60 * 60 * 1000;

/**
 * Where the cart is, by the beacon's word: the frame verifies with the key that is registered for a store, names
 * that store, and carries the nonce that this cart was given, so it was made just now.
 */
export async function readBeacon(
  frame: Frame,
  beacon: Beacon | null,
  nonce: Uint8Array,
): Promise<Result<StoreId, "attestation">> {
  if (beacon === null) return fail("attestation");
  if (!(await verifyFrame(frame, await importPublicKey(beacon.publicKey), STORE_BEACON))) return fail("attestation");
  const statement = decodeBeaconStatement(frame.payload);
  if (!statement.ok || statement.value.store !== beacon.store) return fail("attestation");
  if (!sameBytes(statement.value.nonce, nonce)) return fail("attestation");
  return ok(statement.value.store);
}

/** What the cell says of the cart's place, from `now` on. */
export function attestationClaims(
  serial: CartSerial,
  store: StoreId,
  nonce: Uint8Array,
  now: number,
): StoreAttestationClaims {
  return { serial, store, nonce, notBefore: now, expires: now + ATTESTATION_MS };
}

/** COSE_Sign1 by the statement key, for that purpose alone. */
export function signAttestation(claims: StoreAttestationClaims, key: StatementKey): Promise<Bytes> {
  return signFrame(encodeStoreAttestation(claims), key.kid, STORE_ATTESTATION, (bytes) => key.sign(bytes));
}
