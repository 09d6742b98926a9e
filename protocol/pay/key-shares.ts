/**
 * The two shares of a key-encryption key, as the custodians' tool writes them and the CDE joins them (PCI DSS 3.7.6:
 * split knowledge). Check values name a share or a key without telling it.
 */
import { fail, ok, type Result } from "../result.ts";

/** The two custodians, by the share that each holds. */
export type Custodian = "A" | "B";
export const CUSTODIANS: readonly Custodian[] = ["A", "B"];

export const SHARE_BYTES = 32;

/** A custodian's shares of all versions of a cell's key: what the secret `KEK_SHARE_A` or `KEK_SHARE_B` holds. */
export interface ShareRing {
  /** null: the plain form, which says neither. */
  readonly custodian: Custodian | null;
  readonly cell: string | null;
  /** Made in a rehearsal: never good for a deployed cell. */
  readonly rehearsal: boolean;
  readonly shares: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

/** The JSON of a share ring. */
export interface ShareRingText {
  readonly custodian: Custodian;
  readonly cell: string;
  readonly rehearsal: boolean;
  /** Base64 of 32 bytes by version, from 1. */
  readonly shares: Readonly<Record<string, string>>;
}

export type ShareRefusal = "encoding" | "length" | "form";

/** Reads a secret: a share ring, or one share alone in base64, which is version 1. */
export function readShares(text: string): Result<ShareRing, ShareRefusal> {
  if (!text.trimStart().startsWith("{")) {
    const share = readShare(text.trim());
    return share.ok
      ? ok({ custodian: null, cell: null, rehearsal: false, shares: new Map([[1, share.value]]) })
      : share;
  }
  let ring: Partial<Record<keyof ShareRingText, unknown>>;
  try {
    ring = JSON.parse(text) as typeof ring;
  } catch {
    return fail("form");
  }
  const { custodian, cell, rehearsal, shares: texts } = ring;
  if ((custodian !== "A" && custodian !== "B") || typeof cell !== "string" || typeof rehearsal !== "boolean")
    return fail("form");
  if (typeof texts !== "object" || texts === null || Array.isArray(texts)) return fail("form");
  const shares = new Map<number, Uint8Array<ArrayBuffer>>();
  for (const [version, share] of Object.entries(texts)) {
    if (!/^[1-9][0-9]{0,5}$/.test(version)) return fail("form");
    const read = readShare(share);
    if (!read.ok) return read;
    shares.set(Number(version), read.value);
  }
  return shares.size === 0 ? fail("form") : ok({ custodian, cell, rehearsal, shares });
}

function readShare(text: unknown): Result<Uint8Array<ArrayBuffer>, "encoding" | "length"> {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return fail("encoding");
  let binary: string;
  try {
    binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return fail("encoding");
  }
  const share = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return share.length === SHARE_BYTES ? ok(share) : fail("length");
}

/** XOR of the two shares. The caller overwrites it when it has been imported. */
export function joinShares(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(a, (byte, i) => byte ^ (b[i] ?? 0));
}

/** 16 hex digits that name a share, its custodian and its version; one-way, as the share is 256 random bits. */
export function shareCheck(custodian: Custodian, version: number, share: Uint8Array<ArrayBuffer>): Promise<string> {
  return check(share, `cartwright/kek-share-check/1|${custodian}|${version}`, 8);
}

/** 8 hex digits that name a joined key; the data keys that it wraps carry it. */
export function joinedCheck(key: Uint8Array<ArrayBuffer>): Promise<string> {
  return check(key, "cartwright/kek-check/1", 4);
}

async function check(key: Uint8Array<ArrayBuffer>, label: string, bytes: number): Promise<string> {
  const hmacKey = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, new TextEncoder().encode(label)));
  return Array.from(mac.slice(0, bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
