/**
 * Compact JWE (RFC 7516) with ECDH-ES and A256GCM over P-256, by WebCrypto alone: all the cryptography of the card
 * form's page, short enough to be read whole.
 */
export interface RecipientJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly kid?: string;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const ENC = "A256GCM";
const KEY_BITS = 256;

/** @throws when the key is not a P-256 point */
export async function encrypt(recipient: RecipientJwk, plaintext: Bytes): Promise<string> {
  const { kty, crv, x, y, kid } = recipient;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, []);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const epk = await crypto.subtle.exportKey("jwk", own.publicKey);
  const header = {
    alg: "ECDH-ES",
    enc: ENC,
    ...(kid === undefined ? {} : { kid }),
    epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y },
  };
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, KEY_BITS);
  const derived = await concatKdf(new Uint8Array(secret), { algorithm: ENC, apu: NONE, apv: NONE, bits: KEY_BITS });
  const key = await crypto.subtle.importKey("raw", derived, "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const protectedHeader = base64url(utf8(JSON.stringify(header)));
  // RFC 7516, 5.1 (14): the additional data are the ASCII octets of the encoded header.
  const parameters = { name: "AES-GCM", iv, additionalData: utf8(protectedHeader) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, plaintext));
  const tagAt = sealed.length - 16;
  // Direct agreement: the encrypted key is empty (RFC 7518, 4.6).
  return [protectedHeader, "", base64url(iv), base64url(sealed.slice(0, tagAt)), base64url(sealed.slice(tagAt))].join(
    ".",
  );
}

export interface KdfInput {
  readonly algorithm: string;
  /** PartyUInfo and PartyVInfo, without their lengths. */
  readonly apu: Bytes;
  readonly apv: Bytes;
  /** At most 256: one round of SHA-256. */
  readonly bits: number;
}

/** The Concat KDF of RFC 7518, 4.6.2 (NIST SP 800-56A, 5.8.1), for keys of one round. */
export async function concatKdf(secret: Bytes, { algorithm, apu, apv, bits }: KdfInput): Promise<Bytes> {
  const input = concatenated(
    uint32(1),
    secret,
    withLength(utf8(algorithm)),
    withLength(apu),
    withLength(apv),
    uint32(bits),
  );
  return new Uint8Array(await crypto.subtle.digest("SHA-256", input)).slice(0, bits / 8);
}

export type Bytes = Uint8Array<ArrayBuffer>;
const NONE: Bytes = new Uint8Array(0);

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

function uint32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const withLength = (bytes: Bytes): Bytes => concatenated(uint32(bytes.length), bytes);

function concatenated(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64url(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
