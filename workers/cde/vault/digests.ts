import { base64url, fromBase64, utf8 } from "../bytes.ts";

/** What is hashed, each under a key of its own, so no digest of one kind can be taken for another. */
const SUBJECTS = [
  "pan",
  "payment-account-reference",
  "token",
  "token-account",
  "idempotency-key",
  "tokenize-request",
  "card-reference",
  "jti",
] as const;
type Subject = (typeof SUBJECTS)[number];

/** HMAC-SHA-256 of a value for one purpose, base64url of 32 bytes (PCI DSS 3.5.1.1: keyed, of the whole value). */
export type Digest = (subject: Subject, value: string) => Promise<string>;

/**
 * Derives a key per purpose and cell from the fingerprint key (HKDF, RFC 5869): a card reference of one cell is
 * worth nothing in another, even under the same root.
 * @throws Error when the key is not 32 bytes of base64
 */
export async function digests(fingerprintKey: string, cell: string): Promise<Digest> {
  const bytes = fromBase64(fingerprintKey);
  if (bytes.length !== 32) throw new Error("FINGERPRINT_KEY is not 32 bytes");
  const root = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const keys = new Map<Subject, CryptoKey>();
  for (const subject of SUBJECTS) keys.set(subject, await derive(root, `cartwright/${cell}/${subject}/1`));
  return async (subject, value) => {
    const key = keys.get(subject);
    if (key === undefined) throw new Error(`no key for ${subject}`);
    return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(value))));
  };
}

function derive(root: CryptoKey, info: string): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(info) },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}
