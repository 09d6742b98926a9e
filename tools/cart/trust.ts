/** What the firmware checks before a cart unlocks: root → cell key → store attestation. */
import {
  CELL_KEY,
  importPublicKey,
  kidOf,
  parseFrame,
  STORE_ATTESTATION,
  verifyFrame,
  type Frame,
} from "../../protocol/cart/cose.ts";
import { hex } from "../../protocol/bytes.ts";
import type { StoreAttestationClaims } from "../../protocol/cart/messages.ts";
import { decodeCellKey, decodeStoreAttestation } from "../../protocol/cart/statements.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

export type TrustReason = "form" | "cell_key" | "statement" | "serial" | "nonce" | "dates";

export interface TrustInput {
  readonly statement: Uint8Array;
  readonly cellKey: Uint8Array;
  /** The root's uncompressed point, which the firmware pins. */
  readonly rootPublicKey: Uint8Array;
  readonly serial: CartSerial;
  /** The nonce of the cart's own attestation. */
  readonly nonce: Uint8Array;
}

/** A store attestation is never good for longer (FW-05). */
export const LONGEST_ATTESTATION = 12 * 3_600_000;
/** The cart's clock comes from the hello's answer, so it is late by the way back. */
const CLOCK_SKEW = 30_000;

/** @param now cell time as the cart knows it, ms since the epoch. */
export async function verifyStoreAttestation(
  input: TrustInput,
  now: number,
): Promise<Result<StoreAttestationClaims, TrustReason>> {
  const statementFrame = parseFrame(input.statement);
  const cellKeyFrame = parseFrame(input.cellKey);
  if (!statementFrame.ok || !cellKeyFrame.ok) return fail("form");
  if (!(await signedBy(cellKeyFrame.value, input.rootPublicKey, CELL_KEY))) return fail("cell_key");
  const cellKey = decodeCellKey(cellKeyFrame.value.payload);
  if (!cellKey.ok || !within(cellKey.value, now)) return fail("cell_key");
  const cellKid = await kidOf(cellKey.value.publicKey);
  if (hex(cellKid) !== hex(statementFrame.value.kid)) return fail("statement");
  if (!(await signedBy(statementFrame.value, cellKey.value.publicKey, STORE_ATTESTATION))) return fail("statement");
  const claims = decodeStoreAttestation(statementFrame.value.payload);
  if (!claims.ok) return fail("statement");
  if (claims.value.serial !== input.serial) return fail("serial");
  if (hex(claims.value.nonce) !== hex(input.nonce)) return fail("nonce");
  if (!within(claims.value, now)) return fail("dates");
  if (claims.value.expires - claims.value.notBefore > LONGEST_ATTESTATION) return fail("dates");
  return ok(claims.value);
}

/** A point that is off the curve signs nothing. */
async function signedBy(frame: Frame, point: Uint8Array, purpose: string): Promise<boolean> {
  try {
    return await verifyFrame(frame, await importPublicKey(point), purpose);
  } catch {
    return false;
  }
}

function within(dates: { readonly notBefore: number; readonly expires: number }, now: number): boolean {
  return dates.notBefore <= now + CLOCK_SKEW && now < dates.expires;
}
