import { fromBase64, utf8 } from "../bytes.ts";

/** The key-encryption key, joined in memory only. The check value names it without telling it. */
export interface KeyEncryptionKey {
  readonly key: CryptoKey;
  /** First 8 hex digits of an HMAC under a key derived from it. */
  readonly check: string;
}

export class KeyShareError extends Error {
  override readonly name = "KeyShareError";
}

/**
 * Joins the two officers' shares by XOR (PCI DSS 3.7.6): either alone says nothing of the key.
 * @throws KeyShareError naming the share that is missing or unusable, never its content
 */
export async function joinShares(shareA: string | undefined, shareB: string | undefined): Promise<KeyEncryptionKey> {
  const a = share(shareA, "A");
  const b = share(shareB, "B");
  const joined = a.map((byte, i) => byte ^ (b[i] ?? 0));
  // Equal shares would join to a key of zeros: one person's share was installed twice.
  if (joined.every((byte) => byte === 0)) throw new KeyShareError("KEK_SHARE_A and KEK_SHARE_B are the same share");
  const key = await crypto.subtle.importKey("raw", joined, "AES-GCM", false, ["encrypt", "decrypt"]);
  const hmacKey = await crypto.subtle.importKey("raw", joined, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, utf8("cartwright/kek-check/1")));
  joined.fill(0);
  const check = Array.from(mac.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { key, check };
}

function share(text: string | undefined, officer: "A" | "B"): Uint8Array<ArrayBuffer> {
  if (text === undefined || text === "") throw new KeyShareError(`KEK_SHARE_${officer} is missing (share ${officer})`);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = fromBase64(text);
  } catch {
    throw new KeyShareError(`KEK_SHARE_${officer} is not base64 (share ${officer})`);
  }
  if (bytes.length !== 32) throw new KeyShareError(`KEK_SHARE_${officer} is not 32 bytes (share ${officer})`);
  return bytes;
}
