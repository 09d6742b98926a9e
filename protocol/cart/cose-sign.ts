/**
 * COSE_Sign (RFC 9052, 4.1) by exactly two signers, ES256: for what no single person may sign. As strict as
 * {@link ./cose.ts}, and in one shape as well: both headers of the body empty, each signer's protected header `{1: -7}`.
 */
import { fail, ok, type Result } from "../result.ts";
import { decodeCbor, encodeCbor, type Bytes, type CborReason, type CborValue } from "./cbor.ts";
import { ES256 } from "./cose.ts";

export interface Signer {
  /** The first 8 bytes of SHA-256 over the signer's public point. Not authenticated: it only selects a key. */
  readonly kid: Bytes;
  /** r and s, 32 bytes each; high-S is accepted. */
  readonly signature: Bytes;
}

export interface TwoSignerFrame {
  readonly payload: Bytes;
  readonly signers: readonly [Signer, Signer];
}

/** Why bytes are not such a frame; for the operator. */
export type TwoSignerReason = CborReason | "shape" | "protected" | "unprotected" | "kid" | "payload" | "signature_form";

/** COSE_Sign's tag (RFC 9052, 2). */
const TAG = 98;
const KID = 4;
const PROTECTED = encodeCbor(new Map([[1, -7]]));

/** Takes a frame apart. Checks the form only: {@link verifySigner} checks a signature. */
export function parseTwoSignerFrame(bytes: Uint8Array): Result<TwoSignerFrame, TwoSignerReason> {
  const item = decodeCbor(bytes, TAG);
  if (!item.ok) return item;
  if (!Array.isArray(item.value) || item.value.length !== 4) return fail("shape");
  const [head, unprotected, payload, signers] = item.value as [CborValue, CborValue, CborValue, CborValue];
  if (!isBytes(head, 0)) return fail("protected");
  if (!(unprotected instanceof Map) || unprotected.size !== 0) return fail("unprotected");
  if (!(payload instanceof Uint8Array)) return fail("payload");
  if (!Array.isArray(signers) || signers.length !== 2) return fail("shape");
  const [first, second] = signers as [CborValue, CborValue];
  const one = parseSigner(first);
  if (!one.ok) return one;
  const other = parseSigner(second);
  if (!other.ok) return other;
  return ok({ payload: payload as Bytes, signers: [one.value, other.value] });
}

function parseSigner(item: CborValue): Result<Signer, TwoSignerReason> {
  if (!Array.isArray(item) || item.length !== 3) return fail("shape");
  const [head, unprotected, signature] = item as [CborValue, CborValue, CborValue];
  if (!isBytes(head, PROTECTED.length) || !head.every((byte, index) => byte === PROTECTED[index])) {
    return fail("protected");
  }
  if (!(unprotected instanceof Map) || unprotected.size !== 1 || !unprotected.has(KID)) return fail("unprotected");
  const kid = unprotected.get(KID) as CborValue;
  if (!isBytes(kid, 8)) return fail("kid");
  if (!isBytes(signature, 64)) return fail("signature_form");
  return ok({ kid, signature });
}

function isBytes(item: CborValue, size: number): item is Bytes {
  return item instanceof Uint8Array && item.length === size;
}

/** Whether this signature was made with this key for this purpose. */
export function verifySigner(
  frame: TwoSignerFrame,
  signer: Signer,
  publicKey: CryptoKey,
  purpose: string,
): Promise<boolean> {
  return crypto.subtle.verify(ES256, publicKey, signer.signature, toBeSignedByTwo(frame.payload, purpose));
}

/** Puts together what two signers signed, each on a machine of their own. */
export function twoSignerFrame(payload: Uint8Array, signers: readonly [Signer, Signer]): Bytes {
  const items = signers.map(({ kid, signature }) => [PROTECTED, new Map([[KID, kid]]), signature]);
  return encodeCbor([new Uint8Array(), new Map(), payload, items], TAG);
}

/** Sig_structure (RFC 9052, 4.4) of either signer: the headers are the same, so the bytes are. */
export function toBeSignedByTwo(payload: Uint8Array, purpose: string): Bytes {
  return encodeCbor(["Signature", new Uint8Array(), PROTECTED, new TextEncoder().encode(purpose), payload]);
}
