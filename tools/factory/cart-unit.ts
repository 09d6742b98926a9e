import { hex } from "../../protocol/bytes.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import type { ManifestEntry } from "../../protocol/rooms/fleet.ts";
import { SecureElement } from "../cart/secure-element.ts";

/** A cart as the factory line made it: a serial, and a secure element with its key. */
export interface CartUnit {
  readonly serial: CartSerial;
  readonly element: SecureElement;
}

/** A new unit: 16 random bytes for a serial and a fresh key. */
export async function makeUnit(): Promise<CartUnit> {
  return {
    serial: hex(crypto.getRandomValues(new Uint8Array(16))) as CartSerial,
    element: await SecureElement.make(),
  };
}

/** The unit's line in the factory's manifest. */
export async function manifestEntry({ serial, element }: CartUnit): Promise<ManifestEntry> {
  const digest = await crypto.subtle.digest("SHA-256", await element.publicKeyInfo());
  return { serial, publicKeyHash: hex(new Uint8Array(digest)) };
}

/** The unit's certification request (PKCS #10, DER). */
export function certificationRequest({ serial, element }: CartUnit): Promise<Uint8Array> {
  return element.certificateRequest(serial);
}
