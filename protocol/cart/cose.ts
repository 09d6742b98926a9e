/**
 * COSE_Sign1 (RFC 9052, 4.2) with ES256 (RFC 9053, 2.1) in the one shape that this protocol has. What RFC 9052 lets a
 * sender choose is fixed here, so there is nothing to negotiate: no `crit`, no second algorithm, no detached payload.
 */
import { sameBytes } from "../bytes.ts";
import { fail, ok, type Result } from "../result.ts";
import { decodeCbor, encodeCbor, type Bytes, type CborReason, type CborValue } from "./cbor.ts";
import type { CartCode } from "./codes.ts";

export interface Frame {
  /** Names the signer's key; 8 bytes. Not authenticated: it only selects the key to verify with. */
  readonly kid: Bytes;
  readonly payload: Bytes;
  /** r and s, 32 bytes each. Both s and n-s verify, so signature bytes are never an identity. */
  readonly signature: Bytes;
  /** The protected header's bytes as they were signed: always `{1: -7}`. */
  readonly protected: Bytes;
}

/** Why bytes are not a frame; for the operator. {@link FRAME_CODE} says what the cart is told. */
export type FrameReason = CborReason | "shape" | "protected" | "unprotected" | "kid" | "payload" | "signature_form";

/** What each refusal is on the wire. */
export const FRAME_CODE: Readonly<Record<FrameReason, Extract<CartCode, "malformed" | "too_large">>> = {
  size: "too_large",
  truncated: "malformed",
  trailing: "malformed",
  depth: "malformed",
  indefinite: "malformed",
  not_minimal: "malformed",
  reserved: "malformed",
  range: "malformed",
  utf8: "malformed",
  float: "malformed",
  simple: "malformed",
  tag: "malformed",
  key_type: "malformed",
  duplicate_key: "malformed",
  key_order: "malformed",
  shape: "malformed",
  protected: "malformed",
  unprotected: "malformed",
  kid: "malformed",
  payload: "malformed",
  signature_form: "malformed",
};

/** Purposes of what is not sent to a path (RFC 9052, 4.3: external_aad); a signature is good for one purpose only. */
export const STORE_BEACON = "cartwright/1 store-beacon";
export const STORE_ATTESTATION = "cartwright/1 store-attestation";
export const CELL_KEY = "cartwright/1 cell-key";
export const FIRMWARE_MANIFEST = "cartwright/1 firmware-manifest";

/** The purpose of a cart's frame: the path that it is sent to, e.g. `/cart/v1/sessions`. */
export function purposeOfPath(path: string): string {
  return `cartwright/1 POST ${path}`;
}

/** COSE_Sign1's tag (RFC 9052, 2). */
const TAG = 18;
/** Label of the key identifier (RFC 9052, 3.1). */
const KID = 4;
/** `{1: -7}`: alg, ES256. */
const PROTECTED = encodeCbor(new Map([[1, -7]]));
const KID_SIZE = 8;
const SIGNATURE_SIZE = 64;

/** Takes a frame apart. Checks the form only: {@link verifyFrame} checks the signature. */
export function parseFrame(bytes: Uint8Array): Result<Frame, FrameReason> {
  const item = decodeCbor(bytes, TAG);
  if (!item.ok) return item;
  if (!Array.isArray(item.value) || item.value.length !== 4) return fail("shape");
  const [head, unprotected, payload, signature] = item.value as [CborValue, CborValue, CborValue, CborValue];
  if (!(head instanceof Uint8Array) || !sameBytes(head, PROTECTED)) return fail("protected");
  if (!(unprotected instanceof Map) || unprotected.size !== 1 || !unprotected.has(KID)) return fail("unprotected");
  const kid: unknown = unprotected.get(KID);
  if (!(kid instanceof Uint8Array) || kid.length !== KID_SIZE) return fail("kid");
  if (!(payload instanceof Uint8Array)) return fail("payload");
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_SIZE) return fail("signature_form");
  return ok({
    kid: kid as Bytes,
    payload: payload as Bytes,
    signature: signature as Bytes,
    protected: head as Bytes,
  });
}

/** Whether the frame was signed with this key for this purpose. High-S is accepted, as secure elements make it. */
export function verifyFrame(frame: Frame, publicKey: CryptoKey, purpose: string): Promise<boolean> {
  return crypto.subtle.verify(ES256, publicKey, frame.signature, toBeSigned(frame.payload, purpose));
}

/**
 * Makes a frame.
 * @param sign answers the raw 64-byte ES256 signature over the bytes given.
 */
export async function signFrame(
  payload: Uint8Array,
  kid: Uint8Array,
  purpose: string,
  sign: (toBeSigned: Bytes) => Promise<Uint8Array>,
): Promise<Bytes> {
  const signature = await sign(toBeSigned(payload, purpose));
  return encodeCbor([PROTECTED, new Map([[KID, kid]]), payload, signature], TAG);
}

/** Sig_structure (RFC 9052, 4.4), encoded. */
export function toBeSigned(payload: Uint8Array, purpose: string): Bytes {
  return encodeCbor(["Signature1", PROTECTED, new TextEncoder().encode(purpose), payload]);
}

/**
 * A P-256 public key for {@link verifyFrame}.
 * @param point the uncompressed point, 65 bytes.
 * @throws DOMException when it is not a point of the curve.
 */
export function importPublicKey(point: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", point.slice(), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
}

/** The key identifier: the first 8 bytes of SHA-256 over a certificate (DER), or over a beacon's public point. */
export async function kidOf(der: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", der.slice()), 0, KID_SIZE).slice();
}

/** Parameters of WebCrypto for ES256: raw r and s, no DER. */
export const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;
