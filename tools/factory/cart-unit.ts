// tsyringe, inside the X.509 library, needs the metadata API to be there before it loads.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { hex, type CartSerial } from "../../protocol/ids.ts";
import type { ManifestEntry } from "../../protocol/rooms/fleet.ts";

/** A cart as the factory line made it: a serial and a key pair. In a real cart the private half never leaves the secure element. */
export interface CartUnit {
  readonly serial: CartSerial;
  readonly privateJwk: JsonWebKey;
  readonly publicJwk: JsonWebKey;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

/** A new unit with 16 random bytes for a serial and a fresh P-256 key. */
export async function makeUnit(): Promise<CartUnit> {
  const keys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  return {
    serial: hex(crypto.getRandomValues(new Uint8Array(16))) as CartSerial,
    privateJwk: await crypto.subtle.exportKey("jwk", keys.privateKey),
    publicJwk: await crypto.subtle.exportKey("jwk", keys.publicKey),
  };
}

/** The unit's line in the factory's manifest. */
export async function manifestEntry(unit: CartUnit): Promise<ManifestEntry> {
  const spki = await crypto.subtle.exportKey("spki", await publicKey(unit));
  return { serial: unit.serial, publicKeyHash: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", spki))) };
}

/** The unit's certification request (PKCS #10, DER): the serial as the subject's serialNumber, signed by its key. */
export async function certificationRequest(unit: CartUnit): Promise<Uint8Array<ArrayBuffer>> {
  const privateKey = await crypto.subtle.importKey("jwk", unit.privateJwk, P256, true, ["sign"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ "2.5.4.5": [unit.serial] }],
    keys: { privateKey, publicKey: await publicKey(unit) },
    signingAlgorithm: ES256,
  });
  return new Uint8Array(request.rawData);
}

function publicKey(unit: CartUnit): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", unit.publicJwk, P256, true, ["verify"]);
}
