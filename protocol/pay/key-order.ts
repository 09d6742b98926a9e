/**
 * What the two custodians of a cell's keys may order from the CDE: a JWS with a signature of each (RFC 7515, 7.2.1).
 * Whatever changes a key needs both; looking, and carrying on what both ordered, needs one.
 */
import { FlattenedSign, flattenedVerify, type CryptoKey } from "jose";
import { fail, ok, type Result } from "../result.ts";
import { CUSTODIANS, type Custodian } from "./key-shares.ts";

/** `POST` here, `application/jose+json`, on the pay origin. */
export const KEY_ORDER_PATH = "/v1/key-orders";
export const KEY_ORDER_MEDIA_TYPE = "application/jose+json";
export const KEY_ORDER_AUDIENCE = "cartwright/keys/1";
/** An order may end this many seconds ahead: two people in two places sign it one after the other. */
export const KEY_ORDER_MAX_SECONDS = 3_600;

export type KeyCommand =
  | { readonly order: "status" }
  /** A new data key under the newest key-encryption key; it seals at once. */
  | { readonly order: "rotate" }
  /** Re-wraps one bounded batch. */
  | { readonly order: "rewrap" }
  /** Refused with the count of rows while the data key is in use. */
  | { readonly order: "destroy"; readonly version: number }
  /** Puts a ceremony's transcript into the CDE's log. `transcript`: SHA-256, hex. */
  | { readonly order: "record"; readonly transcript: string };

/** How many custodians must sign. */
export const SIGNATURES_NEEDED: Readonly<Record<KeyCommand["order"], 1 | 2>> = {
  status: 1,
  rewrap: 1,
  rotate: 2,
  destroy: 2,
  record: 2,
};

/** An order as it is carried from one custodian to the other, and sent. */
export interface SignedKeyOrder {
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
}

export interface KeyOrder {
  readonly command: KeyCommand;
  readonly cell: string;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly signers: readonly Custodian[];
}

/** Answer of `status`, `rotate`, `rewrap` and `destroy`. Check values and counts, never a key. */
export interface KeyStatus {
  readonly cell: string;
  /** The data key that seals what is new. */
  readonly current: number;
  readonly data_keys: readonly {
    readonly version: number;
    /** Check value of the key-encryption key that wraps it; null once destroyed. */
    readonly kek_check: string | null;
    /** Rows that it seals. */
    readonly rows: number;
    readonly destroyed: boolean;
  }[];
  readonly key_encryption_keys: readonly {
    readonly version: number;
    readonly check: string;
    readonly share_a_check: string;
    readonly share_b_check: string;
    /** Data keys that it wraps. */
    readonly data_keys: number;
  }[];
  /** Versions of which one custodian's share is not installed: not used, and no error. */
  readonly waiting: readonly { readonly version: number; readonly missing: Custodian }[];
  /** Of an order that was carried out: the proof file of its entry in the access log (C2SP tlog-proof), if it is there yet. */
  readonly proof?: string;
  /** Rows under the current data key, of all rows. */
  readonly rewrap: { readonly done: number; readonly total: number };
  readonly security_events: number;
}

export type KeyOrderRefusal = "malformed" | "signature" | "signers" | "audience" | "stale";

const TYPE = "cartwright-key-order+jws";

/** A new order, with the first custodian's signature. @param now milliseconds since the epoch */
export async function signKeyOrder(
  command: KeyCommand,
  cell: string,
  signer: { readonly custodian: Custodian; readonly key: CryptoKey },
  now: number,
  lifeSeconds = 300,
): Promise<SignedKeyOrder> {
  const exp = Math.floor(now / 1000) + lifeSeconds;
  const claims = { aud: KEY_ORDER_AUDIENCE, cell, jti: crypto.randomUUID(), exp, command };
  const payload = base64url(JSON.stringify(claims));
  return countersignKeyOrder({ payload, signatures: [] }, signer);
}

/** The same order with one more signature. */
export async function countersignKeyOrder(
  order: SignedKeyOrder,
  { custodian, key }: { readonly custodian: Custodian; readonly key: CryptoKey },
): Promise<SignedKeyOrder> {
  const signed = await new FlattenedSign(fromBase64url(order.payload))
    .setProtectedHeader({ alg: "ES256", typ: TYPE, kid: custodian })
    .sign(key);
  return {
    payload: order.payload,
    signatures: [...order.signatures, { protected: signed.protected ?? "", signature: signed.signature }],
  };
}

/** Checks all but the single use of `jti`. Every signature must be good, and each custodian may sign once. */
export async function openKeyOrder(
  value: unknown,
  keys: Readonly<Record<Custodian, CryptoKey>>,
  now: number,
): Promise<Result<KeyOrder, KeyOrderRefusal>> {
  const order = members(value);
  const signatures = Array.isArray(order["signatures"]) ? (order["signatures"] as unknown[]) : [];
  const { payload } = order;
  if (typeof payload !== "string" || payload.length > 2_048 || signatures.length < 1 || signatures.length > 2)
    return fail("malformed");
  const signers: Custodian[] = [];
  for (const each of signatures) {
    const signer = await signerOf(payload, members(each), keys);
    if (signer === undefined) return fail("signature");
    signers.push(signer);
  }
  if (new Set(signers).size !== signers.length) return fail("signers");
  const claims = claimsOf(payload);
  const command = commandOf(claims["command"]);
  const { aud, cell, jti, exp } = claims;
  if (command === undefined || typeof cell !== "string" || typeof exp !== "number") return fail("malformed");
  if (typeof jti !== "string" || !/^[A-Za-z0-9-]{16,64}$/.test(jti)) return fail("malformed");
  if (aud !== KEY_ORDER_AUDIENCE) return fail("audience");
  const left = exp - now / 1000;
  if (!(left > 0 && left <= KEY_ORDER_MAX_SECONDS)) return fail("stale");
  return signers.length < SIGNATURES_NEEDED[command.order] ? fail("signers") : ok({ command, cell, jti, exp, signers });
}

async function signerOf(
  payload: string,
  { protected: header, signature }: Record<string, unknown>,
  keys: Readonly<Record<Custodian, CryptoKey>>,
): Promise<Custodian | undefined> {
  if (typeof header !== "string" || typeof signature !== "string") return undefined;
  const { alg, typ, kid, ...rest } = claimsOf(header);
  const custodian = CUSTODIANS.find((each) => each === kid);
  if (custodian === undefined || alg !== "ES256" || typ !== TYPE || Object.keys(rest).length > 0) return undefined;
  try {
    await flattenedVerify({ payload, protected: header, signature }, keys[custodian], { algorithms: ["ES256"] });
    return custodian;
  } catch {
    return undefined;
  }
}

function commandOf(value: unknown): KeyCommand | undefined {
  const { order, version, transcript } = members(value);
  switch (order) {
    case "status":
    case "rotate":
    case "rewrap":
      return { order };
    case "destroy":
      return typeof version === "number" && Number.isSafeInteger(version) && version > 0
        ? { order, version }
        : undefined;
    case "record":
      return typeof transcript === "string" && /^[0-9a-f]{64}$/.test(transcript) ? { order, transcript } : undefined;
    default:
      return undefined;
  }
}

function claimsOf(encoded: string): Record<string, unknown> {
  try {
    return members(JSON.parse(new TextDecoder().decode(fromBase64url(encoded))));
  } catch {
    return {};
  }
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function base64url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
