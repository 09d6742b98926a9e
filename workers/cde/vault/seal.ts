import { base64url, fromBase64, utf8 } from "../bytes.ts";

/** Where a ciphertext belongs; it opens nowhere else. */
export interface Place {
  readonly cell: string;
  /** Table and row, e.g. `cards/<fingerprint>`. */
  readonly record: string;
  readonly field: string;
  /** The key that sealed it. */
  readonly keyVersion: number | string;
}

/** A stored value does not open where it stands: changed, moved, or sealed by another key. A security event. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/** AES-256-GCM with a random 96-bit nonce; the place is the associated data. */
export async function seal(key: CryptoKey, place: Place, plaintext: Uint8Array<ArrayBuffer>): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const ciphertext = await crypto.subtle.encrypt(parameters(iv, place), key, plaintext);
  return `${base64url(iv)}.${base64url(new Uint8Array(ciphertext))}`;
}

/** @throws SealBroken */
export async function unseal(key: CryptoKey, place: Place, sealed: string): Promise<Uint8Array<ArrayBuffer>> {
  const [iv = "", ciphertext = "", rest] = sealed.split(".");
  try {
    if (rest !== undefined) throw new SealBroken();
    const opened = await crypto.subtle.decrypt(parameters(fromBase64(iv), place), key, fromBase64(ciphertext));
    return new Uint8Array(opened);
  } catch {
    throw new SealBroken(`${place.field} does not open`);
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, place: Place) {
  // JSON keeps the four parts apart, so no two places share their bytes.
  const additionalData = utf8(JSON.stringify([place.cell, place.record, place.field, String(place.keyVersion)]));
  return { name: "AES-GCM", iv, additionalData };
}
