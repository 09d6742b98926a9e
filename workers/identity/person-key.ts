import { base64url } from "jose";
import { type Cell, type CustomerId, hex } from "../../protocol/ids.ts";
import { type Bytes, canonical, type Random, utf8 } from "./bytes.ts";
import type { DataKey } from "./sealed-field.ts";

/** The key of the cell that wraps data keys; a wrapped key names the one that it needs, so that it can be rotated. */
export const KEK_VERSION = 1;

const KEY_BYTES = 32;
const SALT_BYTES = 32;
const NONCE_BYTES = 12;

/** What is destroyed with a person: the key of their fields, and the salt that ties audit entries to them. */
export interface PersonKey extends DataKey {
  readonly person: CustomerId;
  readonly salt: Bytes;
}

/** A new key and its wrapped form, which alone may be stored. */
export async function makePersonKey(
  kek: CryptoKey,
  cell: Cell,
  person: CustomerId,
  random: Random,
): Promise<{ readonly key: PersonKey; readonly wrapped: string }> {
  const material = random(KEY_BYTES + SALT_BYTES);
  const nonce = random(NONCE_BYTES);
  const version = 1;
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: associated(cell, person, version, KEK_VERSION) },
    kek,
    material,
  );
  const wrapped = ["pk1", KEK_VERSION, version, base64url.encode(nonce), base64url.encode(new Uint8Array(sealed))].join(
    ".",
  );
  return { key: await opened(person, version, material), wrapped };
}

/** @throws Error when it was wrapped for another cell or person, by another key, or was changed. */
export async function unwrapPersonKey(
  kek: CryptoKey,
  cell: Cell,
  person: CustomerId,
  wrapped: string,
): Promise<PersonKey> {
  const match = /^pk1\.(\d{1,9})\.(\d{1,9})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{107})$/.exec(wrapped);
  if (match?.[3] === undefined || match[4] === undefined) throw new Error("not a wrapped person key");
  const version = Number(match[2]);
  const material = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: new Uint8Array(base64url.decode(match[3])),
      additionalData: associated(cell, person, version, Number(match[1])),
    },
    kek,
    new Uint8Array(base64url.decode(match[4])),
  );
  return opened(person, version, new Uint8Array(material));
}

export function importKek(secret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** How the audit log names a person: nobody can tell whom once the salt is gone (audit.md). Hex SHA-256. */
export async function commitment(key: PersonKey): Promise<string> {
  const id = utf8(key.person);
  const input = new Uint8Array(key.salt.length + id.length);
  input.set(key.salt);
  input.set(id, key.salt.length);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", input)));
}

async function opened(person: CustomerId, version: number, material: Bytes): Promise<PersonKey> {
  const key = await crypto.subtle.importKey("raw", material.slice(0, KEY_BYTES), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return { person, version, key, salt: material.slice(KEY_BYTES) };
}

function associated(cell: Cell, person: CustomerId, version: number, kekVersion: number): Bytes {
  return canonical("cartwright/person-key", cell, person, version, kekVersion);
}
