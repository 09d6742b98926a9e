import { base64url } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { type Bytes, canonical } from "./bytes.ts";
import { type KeyRing, readOrder } from "./key-ring.ts";

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

export interface BlindIndex {
  /** The version that new rows are written with; a row says its own, so that keys can be rotated. */
  readonly version: number;
  /** base64url of 32 bytes, under the version that writes. Several parts are encoded unambiguously. */
  of(field: IndexedField, ...value: readonly string[]): Promise<string>;
  /**
   * The same under every version, the one that writes first. A look-up asks for all of them in one statement, so a row
   * of any version is found by the same work; a write asks in its own statement that none of them is there.
   */
  all(field: IndexedField, ...value: readonly string[]): Promise<readonly string[]>;
}

/** HMAC-SHA-256 under a key derived (HKDF, RFC 5869) from the cell's index key by version, cell and field. */
export function blindIndex(ring: KeyRing, cell: Cell): BlindIndex {
  const order = readOrder(ring);
  const keys = new Map<string, Promise<CryptoKey>>();
  const keyOf = (version: number, field: IndexedField): Promise<CryptoKey> => {
    const secret = ring.versions.get(version);
    if (secret === undefined) throw new Error(`no index key of version ${version}`);
    const name = `${version} ${field}`;
    const made = keys.get(name) ?? derive(secret, canonical("cartwright/index", version, cell, field));
    keys.set(name, made);
    return made;
  };
  const under = async (version: number, field: IndexedField, value: readonly string[]): Promise<string> =>
    base64url.encode(
      new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(version, field), canonical(...value))),
    );
  return {
    version: ring.current,
    of: (field, ...value) => under(ring.current, field, value),
    all: (field, ...value) => Promise.all(order.map((version) => under(version, field, value))),
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
