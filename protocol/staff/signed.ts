import {
  base64url,
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  importJWK,
  type CryptoKey,
  type JWK,
} from "jose";
import type { PublicKey } from "../rooms/staff.ts";

/** The types of what staff sign (RFC 8725, 3.11: no statement passes for another). */
export const STATEMENT_TYPES = {
  record: "cartwright-staff-record+jwt",
  request: "cartwright-raw-read-request+jwt",
  approval: "cartwright-raw-read-approval+jwt",
  view: "cartwright-raw-read-view+jwt",
  scc: "cartwright-scc+jwt",
} as const;
export type StatementType = keyof typeof STATEMENT_TYPES;

/** Seconds that a signer's clock may run ahead of ours. */
const CLOCK_SKEW = 5;
const LONGEST = 4096;

/** @param privateJwk a P-256 private key */
export async function signStatement(type: StatementType, claims: object, privateJwk: JWK): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", typ: STATEMENT_TYPES[type] })
    .sign(await importJWK(privateJwk, "ES256"));
}

/** The claims of a statement (ES256 only, of this type only); undefined when the key did not sign it so. */
export async function readStatement(
  type: StatementType,
  text: string,
  key: PublicKey | CryptoKey,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (typeof text !== "string" || text.length > LONGEST) return undefined;
  try {
    const verifier = "kty" in key ? await importJWK({ ...key }, "ES256") : key;
    const { payload, protectedHeader } = await compactVerify(text, verifier, { algorithms: ["ES256"] });
    if (protectedHeader.typ !== STATEMENT_TYPES[type]) return undefined;
    const claims = JSON.parse(new TextDecoder().decode(payload)) as unknown;
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Base64url SHA-256 of a statement: how another names it. */
export async function digestOf(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** RFC 7638. */
export function thumbprintOf(key: PublicKey): Promise<string> {
  return calculateJwkThumbprint({ ...key }, "sha256");
}

/** A P-256 public key and nothing else: a private member would be kept with it. */
export function parsePublicKey(value: unknown): PublicKey | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kty, crv, x, y } = value as Record<string, unknown>;
  const coordinate = (each: unknown): each is string => typeof each === "string" && /^[\w-]{43}$/.test(each);
  if (kty !== "EC" || crv !== "P-256" || !coordinate(x) || !coordinate(y)) return undefined;
  return Object.keys(value).length === 4 ? { kty, crv, x, y } : undefined;
}

/** The members `iat` and `exp` in seconds; undefined when they are none, or from the future. */
export function parseTimes(
  claims: Readonly<Record<string, unknown>>,
  now: number,
): { readonly issued: number; readonly expires: number } | undefined {
  const { iat, exp } = claims;
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || iat > now / 1000 + CLOCK_SKEW) return undefined;
  return { issued: iat, expires: exp };
}

/** Whether an object has exactly these members. */
export function hasExactly(value: object, names: readonly string[]): boolean {
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** A list without repeats, each of a closed list; undefined when it is none or empty. */
export function parseList<T extends string>(value: unknown, known: readonly T[]): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size !== value.length) return undefined;
  return value.every((each) => known.includes(each as T)) ? (value as T[]) : undefined;
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value < 1e11;
}
