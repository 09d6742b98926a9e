import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import type { PublicKey } from "../../protocol/rooms/staff.ts";
import { publicHalf } from "./demo-staff.ts";

/** The key that a session of staff is bound to (RFC 9449): made for the session, and its private half can't be exported. */
export interface SessionKey {
  readonly thumbprint: string;
  readonly privateKey: CryptoKey;
  readonly jwk: PublicKey;
  /** A proof for one request with one token. */
  proof(method: string, url: string, token: string): Promise<string>;
}

export async function makeSessionKey(): Promise<SessionKey> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = publicHalf(await exportJWK(publicKey));
  return {
    thumbprint: await calculateJwkThumbprint({ ...jwk }, "sha256"),
    privateKey,
    jwk,
    proof: (method, url, token) => signProof(privateKey, jwk, { method, url, token }),
  };
}

/** @param of what the proof is for; a test makes wrong ones by it */
export async function signProof(
  key: CryptoKey,
  jwk: PublicKey,
  of: {
    readonly method: string;
    readonly url: string;
    readonly token: string;
    readonly at?: number;
    readonly id?: string;
  },
): Promise<string> {
  const { origin, pathname } = new URL(of.url);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(of.token));
  return new SignJWT({ htm: of.method, htu: origin + pathname, ath: Buffer.from(digest).toString("base64url") })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: { ...jwk } })
    .setIssuedAt(of.at ?? Math.floor(Date.now() / 1000))
    .setJti(of.id ?? crypto.randomUUID())
    .sign(key);
}
