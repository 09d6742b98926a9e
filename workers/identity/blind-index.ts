import { base64url } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { type Bytes, canonical } from "./bytes.ts";

/** What can be looked up without its plaintext. Each has a key of its own, so equal values of two fields never match. */
export type IndexedField =
  | "loyalty"
  | "card_reference"
  | "payment_method"
  | "subject"
  | "pairing_code"
  | "credential"
  | "privacy_requester"
  | "privacy_key"
  | "privacy_order";

/** The version of the index key that new rows are written with; a row says its own, so that keys can be rotated. */
export const INDEX_KEY_VERSION = 1;

export interface BlindIndex {
  readonly version: number;
  /** base64url of 32 bytes. Several parts are encoded unambiguously. */
  of(field: IndexedField, ...value: readonly string[]): Promise<string>;
}

/** HMAC-SHA-256 under a key derived (HKDF, RFC 5869) from the cell's index key by version, cell and field. */
export function blindIndex(secret: Bytes, cell: Cell, version: number = INDEX_KEY_VERSION): BlindIndex {
  const keys = new Map<IndexedField, Promise<CryptoKey>>();
  const keyOf = (field: IndexedField): Promise<CryptoKey> => {
    const made = keys.get(field) ?? derive(secret, canonical("cartwright/index", version, cell, field));
    keys.set(field, made);
    return made;
  };
  return {
    version,
    of: async (field, ...value) =>
      base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(field), canonical(...value)))),
  };
}

async function derive(secret: Bytes, info: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info },
    base,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}
