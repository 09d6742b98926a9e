import { createHash } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { encodeCbor, type Bytes } from "../../protocol/cart/cbor.ts";
import { kidOf } from "../../protocol/cart/cose.ts";

/** A key of the test vectors: derived from its name, so it protects nothing. */
export interface TestKey {
  readonly name: string;
  /** Uncompressed point, 65 bytes. */
  readonly point: Bytes;
  /** In these vectors the first 8 bytes of SHA-256 over the point, for carts too: there is no certificate here. */
  readonly kid: Bytes;
  /** Raw signature, low-S, deterministic (RFC 6979). */
  readonly sign: (message: Uint8Array) => Bytes;
}

export const KEY_DERIVATION =
  "private key = SHA-256 of the UTF-8 text 'cartwright test vectors: ' followed by the name";

export async function testKey(name: string): Promise<TestKey> {
  const secret = new Uint8Array(createHash("sha256").update(`cartwright test vectors: ${name}`).digest());
  if (!p256.utils.isValidSecretKey(secret)) throw new RangeError(`${name} gives no P-256 key`);
  const point = p256.getPublicKey(secret, false).slice();
  return {
    name,
    point,
    kid: await kidOf(point),
    sign: (message) => p256.sign(message, secret, { lowS: true }).slice(),
  };
}

const ORDER = p256.Point.Fn.ORDER;

/** The other signature that verifies: n - s in place of s. */
export function highS(signature: Uint8Array): Bytes {
  const { r, s } = p256.Signature.fromBytes(signature, "compact");
  return new p256.Signature(r, ORDER - s).toBytes("compact").slice();
}

/** ASN.1 DER, as most libraries give it, and as COSE does not take it. */
export function der(signature: Uint8Array): Bytes {
  return p256.Signature.fromBytes(signature, "compact").toBytes("der").slice();
}

/** The order of the curve, 32 bytes: one more than the greatest r or s. */
export const ORDER_BYTES: Bytes = Uint8Array.from({ length: 32 }, (_, index) =>
  Number((ORDER >> BigInt(8 * (31 - index))) & 0xffn),
);

/** Sig_structure (RFC 9052, 4.4) with parts of one's own choice. */
export function signatureInput(protectedHeader: Uint8Array, purpose: string, payload: Uint8Array): Bytes {
  return encodeCbor(["Signature1", protectedHeader, new TextEncoder().encode(purpose), payload]);
}
