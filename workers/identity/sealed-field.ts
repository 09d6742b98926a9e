import { base64url } from "jose";
import type { Cell, CustomerId } from "../../protocol/ids.ts";
import type { ProfileField } from "../../protocol/rooms/identity.ts";
import { type Bytes, canonical, type Random, utf8 } from "./bytes.ts";

/** AES-GCM nonce (NIST SP 800-38D, 8.2.2): 96 random bits, far fewer than 2^32 values a key. */
const NONCE_BYTES = 12;

/** What is sealed: a field of the profile, or a value of a row with the row's id. */
export type SealedName =
  | ProfileField
  | "subject"
  | `loyalty:${string}`
  | `card_reference:${string}`
  | `payment_method:${string}`
  | `correction:${string}`
  | `access:${string}`;

/** Where a value belongs. It is authenticated with the value, so that one moved elsewhere does not open. */
export interface Place {
  readonly cell: Cell;
  readonly person: CustomerId;
  readonly field: SealedName;
}

/** A person's data key, opened. `version` is bound to every value that it seals. */
export interface DataKey {
  readonly version: number;
  readonly key: CryptoKey;
}

/** Seals a value as `<key version>.<nonce>.<ciphertext>`, both base64url. */
export async function seal(key: DataKey, place: Place, value: string, random: Random): Promise<string> {
  const nonce = random(NONCE_BYTES);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: associated(place, key.version) },
    key.key,
    utf8(value),
  );
  return `${key.version}.${base64url.encode(nonce)}.${base64url.encode(new Uint8Array(sealed))}`;
}

/** @throws Error when the value is of another place, another key or key version, or was changed. */
export async function open(key: DataKey, place: Place, sealed: string): Promise<string> {
  const match = /^(\d{1,9})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/.exec(sealed);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined)
    throw new Error("not a sealed field");
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: new Uint8Array(base64url.decode(match[2])),
      additionalData: associated(place, Number(match[1])),
    },
    key.key,
    new Uint8Array(base64url.decode(match[3])),
  );
  return new TextDecoder().decode(plain);
}

function associated(place: Place, version: number): Bytes {
  return canonical("cartwright/field", place.cell, place.person, place.field, version);
}
