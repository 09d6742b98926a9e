import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { Bytes } from "../../protocol/cart/cbor.ts";
import { ES256 } from "../../protocol/cart/cose.ts";
import type { CartSerial } from "../../protocol/ids.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A private key in WebCrypto's JWK form, as it is kept between runs of a simulated cart. */
export type ElementJwk = JsonWebKey;

/** Stands in for the cart's secure element: one P-256 key that signs and, unlike the real one, can be saved. */
export class SecureElement {
  readonly #keys: CryptoKeyPair;

  private constructor(keys: CryptoKeyPair) {
    this.#keys = keys;
  }

  static async make(): Promise<SecureElement> {
    return new SecureElement(await crypto.subtle.generateKey(P256, true, ["sign", "verify"]));
  }

  static async restore(jwk: ElementJwk): Promise<SecureElement> {
    const { kty, crv, x, y } = jwk;
    if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined) throw new TypeError("no P-256 key");
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey("jwk", { ...jwk, key_ops: ["sign"] }, P256, true, ["sign"]),
      crypto.subtle.importKey("jwk", { kty, crv, x, y }, P256, true, ["verify"]),
    ]);
    return new SecureElement({ privateKey, publicKey });
  }

  save(): Promise<ElementJwk> {
    return crypto.subtle.exportKey("jwk", this.#keys.privateKey);
  }

  /** Raw ES256 signature, 64 bytes. */
  readonly sign = async (message: Bytes): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.sign(ES256, this.#keys.privateKey, message));

  /** Uncompressed point, 65 bytes. */
  async publicPoint(): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.exportKey("raw", this.#keys.publicKey));
  }

  /** SubjectPublicKeyInfo, DER: its SHA-256 is what the factory's manifest lists. */
  async publicKeyInfo(): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.exportKey("spki", this.#keys.publicKey));
  }

  /** PKCS #10 (RFC 2986), DER; the subject is `serialNumber=<serial>`. */
  async certificateRequest(serial: CartSerial): Promise<Bytes> {
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: [{ "2.5.4.5": [serial] }],
      keys: this.#keys,
      signingAlgorithm: ES256,
    });
    return new Uint8Array(request.rawData);
  }
}
