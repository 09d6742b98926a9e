import { ES256, kidOf } from "../../protocol/cart/cose.ts";
import type { Bytes } from "../../protocol/cart/cbor.ts";

/** The cell's statement key: signs store assignments and store attestations. The root vouches for it (cell-key). */
export interface StatementKey {
  /** First 8 bytes of SHA-256 over its uncompressed point. */
  readonly kid: Bytes;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** Answers the raw 64-byte ES256 signature. */
  sign(toBeSigned: Bytes): Promise<Uint8Array>;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/**
 * @param json a private P-256 key as JWK (RFC 7517)
 * @throws when it is not one
 */
export async function importStatementKey(json: string): Promise<StatementKey> {
  const { kty, crv, x, y, d } = JSON.parse(json) as Record<string, string>;
  const point = { kty, crv, x, y } as JsonWebKey;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("jwk", { ...point, d } as JsonWebKey, P256, false, ["sign"]),
    crypto.subtle.importKey("jwk", point, P256, true, ["verify"]),
  ]);
  const raw = new Uint8Array((await crypto.subtle.exportKey("raw", publicKey)) as ArrayBuffer);
  return {
    kid: await kidOf(raw),
    privateKey,
    publicKey,
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(ES256, privateKey, bytes)),
  };
}
