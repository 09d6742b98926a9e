/**
 * The envelope between the forwarder and the CDE: a JWS (ES256, RFC 7515) inside a JWE (ECDH-ES + A256GCM,
 * RFC 7516), both compact. A request names its method, path and idempotency key, so it is good for one call only;
 * an answer names the request's `jti`, so it can't be passed off as another's.
 */
import {
  CompactEncrypt,
  CompactSign,
  compactDecrypt,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type CryptoKey,
  type JWK,
} from "jose";
import { fail, ok, type Result } from "../result.ts";
import { FORWARDER_AUDIENCE, FORWARDER_MAX_AGE_SECONDS } from "./contract.ts";

/** A sealed message longer than this is refused unread: the largest honest one is under 4 KiB. */
const MAX_CHARACTERS = 16_384;
/** How far the sender's clock may run ahead, seconds. */
const CLOCK_SKEW_SECONDS = 5;

type Kind = "cwf-req" | "cwf-ans";

/** Signs with one party's key and encrypts to the other's. */
export interface SealingKeys {
  readonly sign: CryptoKey;
  readonly encrypt: CryptoKey;
}
export interface OpeningKeys {
  readonly verify: CryptoKey;
  readonly decrypt: CryptoKey;
}

/** The one call that a request envelope is good for. */
export interface CallBinding {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The Idempotency-Key header; null where there is none (GET, card references). */
  readonly idempotencyKey: string | null;
}

export interface OpenedRequest {
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issued: number;
  readonly body: unknown;
}
export interface OpenedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Why an envelope was not believed: for the operator. The outside sees one answer for all. */
export type EnvelopeRefusal =
  | "too_large"
  | "malformed"
  | "type"
  | "decryption"
  | "signature"
  | "audience"
  | "stale"
  | "call"
  | "other_request";

/** @throws when the text is not a P-256 JWK; the algorithm is fixed by what the key is for. */
export async function envelopeKey(jwk: string, algorithm: "ES256" | "ECDH-ES"): Promise<CryptoKey> {
  const parsed = JSON.parse(jwk) as JWK;
  if (parsed.kty !== "EC" || parsed.crv !== "P-256") throw new Error(`not a P-256 key for ${algorithm}`);
  const key = await importJWK(parsed, algorithm);
  if (key instanceof Uint8Array) throw new Error(`not an asymmetric key for ${algorithm}`);
  return key;
}

/** @param now milliseconds since the epoch */
export function sealRequest(
  keys: SealingKeys,
  call: CallBinding,
  body: unknown,
  jti: string,
  now: number,
): Promise<string> {
  return seal("cwf-req", keys, {
    aud: FORWARDER_AUDIENCE,
    iat: seconds(now),
    jti,
    htm: call.method,
    htu: call.path,
    idk: call.idempotencyKey,
    body,
  });
}

/** Checks all but the single use of `jti`, which needs the CDE's database. */
export async function openRequest(
  keys: OpeningKeys,
  sealed: string,
  call: CallBinding,
  now: number,
): Promise<Result<OpenedRequest, EnvelopeRefusal>> {
  const opened = await open("cwf-req", keys, sealed, now);
  if (!opened.ok) return opened;
  const { iat, jti, htm, htu, idk, body } = opened.value;
  if (typeof jti !== "string" || !/^[A-Za-z0-9-]{16,64}$/.test(jti)) return fail("malformed");
  if (htm !== call.method || htu !== call.path || (idk ?? null) !== call.idempotencyKey) return fail("call");
  return ok({ jti, issued: iat, body });
}

/** @param jti of the request that is answered */
export function sealAnswer(keys: SealingKeys, answer: OpenedAnswer, jti: string, now: number): Promise<string> {
  return seal("cwf-ans", keys, {
    aud: FORWARDER_AUDIENCE,
    iat: seconds(now),
    re: jti,
    status: answer.status,
    body: answer.body,
  });
}

export async function openAnswer(
  keys: OpeningKeys,
  sealed: string,
  jti: string,
  now: number,
): Promise<Result<OpenedAnswer, EnvelopeRefusal>> {
  const opened = await open("cwf-ans", keys, sealed, now);
  if (!opened.ok) return opened;
  const { re, status, body } = opened.value;
  if (typeof status !== "number" || !Number.isInteger(status)) return fail("malformed");
  return re === jti ? ok({ status, body }) : fail("other_request");
}

async function seal(kind: Kind, keys: SealingKeys, claims: Record<string, unknown>): Promise<string> {
  const signed = await new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", typ: `${kind}+jws` })
    .sign(keys.sign);
  return new CompactEncrypt(utf8(signed))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: `${kind}+jwe`, cty: `${kind}+jws` })
    .encrypt(keys.encrypt);
}

type Claims = Record<string, unknown> & { readonly iat: number };

async function open(
  kind: Kind,
  keys: OpeningKeys,
  sealed: string,
  now: number,
): Promise<Result<Claims, EnvelopeRefusal>> {
  if (sealed.length > MAX_CHARACTERS) return fail("too_large");
  // Only the members that both sides write: `zip`, `crit`, `jku` and their kind have no meaning here.
  const outer = headerOf(sealed, 5);
  if (outer === undefined) return fail("malformed");
  if (!hasExactly(outer, ["alg", "enc", "typ", "cty", "epk"]) || outer["typ"] !== `${kind}+jwe`) return fail("type");
  let signed: string;
  try {
    const opened = await compactDecrypt(sealed, keys.decrypt, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    signed = new TextDecoder().decode(opened.plaintext);
  } catch {
    return fail("decryption");
  }
  const inner = headerOf(signed, 3);
  if (inner === undefined) return fail("malformed");
  if (!hasExactly(inner, ["alg", "typ"]) || inner["typ"] !== `${kind}+jws`) return fail("type");
  let payload: Uint8Array;
  try {
    payload = (await compactVerify(signed, keys.verify, { algorithms: ["ES256"] })).payload;
  } catch {
    return fail("signature");
  }
  const claims = jsonObject(payload);
  if (claims === undefined || typeof claims["iat"] !== "number") return fail("malformed");
  if (claims["aud"] !== FORWARDER_AUDIENCE) return fail("audience");
  const age = seconds(now) - claims["iat"];
  if (!(age <= FORWARDER_MAX_AGE_SECONDS && age >= -CLOCK_SKEW_SECONDS)) return fail("stale");
  return ok(claims as Claims);
}

function headerOf(compact: string, parts: number): Record<string, unknown> | undefined {
  if (compact.split(".").length !== parts) return undefined;
  try {
    return { ...decodeProtectedHeader(compact) };
  } catch {
    return undefined;
  }
}

function hasExactly(header: Record<string, unknown>, names: readonly string[]): boolean {
  return Object.keys(header).length === names.length && names.every((name) => Object.hasOwn(header, name));
}

function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
