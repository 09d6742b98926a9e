import { createHmac, hkdfSync } from "node:crypto";

/** What the CDE keeps keyed digests of. */
export type DigestOf = "pan" | "token" | "token-account" | "payment-account-reference" | "card-reference";

/**
 * The vault's keyed digest of a value (docs/storage-schema.md, D1 `vault`), computed here anew: nobody imports the CDE.
 * HMAC-SHA-256 under a key derived (HKDF, RFC 5869) from the fingerprint key by cell and purpose.
 */
export function vaultDigest(fingerprintKey: string, cell: string, of: DigestOf, value: string): string {
  const root = Buffer.from(fingerprintKey, "base64");
  const key = hkdfSync("sha256", root, "", `cartwright/${cell}/${of}/1`, 32);
  return createHmac("sha256", Buffer.from(key)).update(value).digest("base64url");
}
