import { base64url } from "jose";
import { hex } from "../../protocol/bytes.ts";
import type { Cell, CustomerId, SessionId } from "../../protocol/ids.ts";
import { type Bytes, canonical, type Random, utf8 } from "./bytes.ts";
import type { KeyRing } from "./key-ring.ts";
import type { DataKey } from "./sealed-field.ts";

/** The cell's keys that wrap data keys; a wrapped key names the version that it needs, so that they can be rotated. */
export interface WrappingKeys {
  readonly current: number;
  readonly versions: ReadonlyMap<number, CryptoKey>;
}

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
  keks: WrappingKeys,
  cell: Cell,
  person: CustomerId,
  random: Random,
): Promise<{ readonly key: PersonKey; readonly wrapped: string }> {
  const material = random(KEY_BYTES + SALT_BYTES);
  const version = 1;
  const wrapped = await wrap(keks, { cell, person, version }, material, random);
  return { key: await opened(person, version, material), wrapped };
}

/** @throws Error when it was wrapped for another cell or person, by a key that is not there, or was changed. */
export async function unwrapPersonKey(
  keks: WrappingKeys,
  cell: Cell,
  person: CustomerId,
  wrapped: string,
): Promise<PersonKey> {
  const { version, material } = await unwrap(keks, cell, person, wrapped);
  return opened(person, version, material);
}

/** The same key and salt under the version that writes. @throws Error as `unwrapPersonKey` */
export async function rewrapPersonKey(
  keks: WrappingKeys,
  cell: Cell,
  person: CustomerId,
  wrapped: string,
  random: Random,
): Promise<string> {
  const { version, material } = await unwrap(keks, cell, person, wrapped);
  return wrap(keks, { cell, person, version }, material, random);
}

/** Which version of the wrapping key a wrapped key needs; undefined for what is none. */
export function wrappedBy(wrapped: string): number | undefined {
  const match = WRAPPED.exec(wrapped);
  return match === null ? undefined : Number(match[1]);
}

export async function wrappingKeys({ current, versions }: KeyRing): Promise<WrappingKeys> {
  const imported = await Promise.all(
    [...versions].map(async ([version, secret]) => {
      const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
      return [version, key] as const;
    }),
  );
  return { current, versions: new Map(imported) };
}

const WRAPPED = /^pk1\.(\d{1,9})\.(\d{1,9})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{107})$/;

interface Owner {
  readonly cell: Cell;
  readonly person: CustomerId;
  readonly version: number;
}

async function wrap(keks: WrappingKeys, owner: Owner, material: Bytes, random: Random): Promise<string> {
  const { cell, person, version } = owner;
  const nonce = random(NONCE_BYTES);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: associated(cell, person, version, keks.current) },
    kekOf(keks, keks.current),
    material,
  );
  const texts = [nonce, new Uint8Array(sealed)].map((bytes) => base64url.encode(bytes));
  return ["pk1", keks.current, version, ...texts].join(".");
}

async function unwrap(keks: WrappingKeys, cell: Cell, person: CustomerId, wrapped: string) {
  const match = WRAPPED.exec(wrapped);
  if (match?.[3] === undefined || match[4] === undefined) throw new Error("not a wrapped person key");
  const [kek, version] = [Number(match[1]), Number(match[2])];
  const material = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: new Uint8Array(base64url.decode(match[3])),
      additionalData: associated(cell, person, version, kek),
    },
    kekOf(keks, kek),
    new Uint8Array(base64url.decode(match[4])),
  );
  return { version, material: new Uint8Array(material) };
}

function kekOf({ versions }: WrappingKeys, version: number): CryptoKey {
  const key = versions.get(version);
  if (key === undefined) throw new Error(`wrapping key version ${version} is not configured`);
  return key;
}

/** How the audit log names a person: nobody can tell whom once the salt is gone (PERSONS-89). Hex SHA-256. */
export async function commitment(key: PersonKey): Promise<string> {
  const id = utf8(key.person);
  const input = new Uint8Array(key.salt.length + id.length);
  input.set(key.salt);
  input.set(id, key.salt.length);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", input)));
}

/**
 * How the audit log names the shopper of one trip: HMAC-SHA-256 under the person's salt, hex. Another value for each
 * trip, so that whoever reads the log can't tell that two had one shopper, neither before the salt is gone nor after.
 */
export async function tripCommitment({ salt, person }: PersonKey, session: SessionId): Promise<string> {
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, canonical("cartwright/trip", person, session))));
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
