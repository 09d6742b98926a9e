import { eq } from "drizzle-orm";
import { CompactEncrypt, importJWK, type JWK } from "jose";
import { parseStoreId, type StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Recipient } from "../../protocol/rooms/privacy-doors.ts";
import { utf8 } from "./bytes.ts";
import { recipients } from "./entities-schema.ts";
import type { Room } from "./room.ts";

/** A retailer that has persons' data, the store whose POS leads to it, and its public key. Registered again, the new one holds; the same again changes nothing. */
export async function registerRecipient(
  room: Room,
  { retailer, store, jwk }: Recipient,
  staff: string,
): Promise<Result<undefined, "unavailable" | "invalid">> {
  const key = parseRecipientKey(jwk);
  if (key === undefined || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(retailer) || parseStoreId(store) === undefined)
    return fail("invalid");
  const row = { store, jwk: JSON.stringify(key) };
  const known = await room.entities.select().from(recipients).where(eq(recipients.retailer, retailer)).get();
  // What is there already is no change of a setting, so it leaves no entry.
  if (known?.store === row.store && known.jwk === row.jwk) return ok();
  const detail = { what: "recipient", store, kid: key.kid, staff };
  if (!(await room.trail.record("settings_changed", true, `retailer:${retailer}`, detail))) return fail("unavailable");
  const registered = room.now();
  await room.entities
    .insert(recipients)
    .values({ retailer, ...row, registered })
    .onConflictDoUpdate({ target: recipients.retailer, set: { ...row, registered } });
  return ok();
}

interface RecipientKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
}

const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

/** A public P-256 key with a key id; one with a private half is refused, so that it is never kept. */
function parseRecipientKey(jwk: Readonly<Record<string, unknown>>): RecipientKey | undefined {
  const { kty, crv, x, y, kid } = jwk;
  if (kty !== "EC" || crv !== "P-256" || "d" in jwk) return undefined;
  if (typeof x !== "string" || typeof y !== "string" || !COORDINATE.test(x) || !COORDINATE.test(y)) return undefined;
  if (typeof kid !== "string" || !/^[\w.-]{1,64}$/.test(kid)) return undefined;
  return { kty, crv, x, y, kid };
}

interface Addressee {
  readonly store: StoreId;
  readonly jwk: string;
}

/** Seals a message so that the recipient alone reads it: JWE, ECDH-ES with A256GCM (RFC 7516; RFC 7518, 4.6). */
export async function sealTo({ jwk }: Addressee, message: object): Promise<string> {
  const key = JSON.parse(jwk) as JWK;
  return new CompactEncrypt(utf8(JSON.stringify(message)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: key.kid ?? "", typ: "privacy-notice+jwe" })
    .encrypt(await importJWK(key, "ECDH-ES"));
}
