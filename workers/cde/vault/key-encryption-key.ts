import {
  joinShares,
  joinedCheck,
  readShares,
  shareCheck,
  type Custodian,
  type ShareRefusal,
  type ShareRing,
} from "../../../protocol/pay/key-shares.ts";

/** A key-encryption key, joined in memory only. Check values name it and its shares without telling them. */
export interface KeyEncryptionKey {
  readonly version: number;
  readonly key: CryptoKey;
  /** First 8 hex digits of an HMAC under a key derived from it. */
  readonly check: string;
  readonly shareChecks: Readonly<Record<Custodian, string>>;
}

/** Every version of which both shares are installed. */
export interface KeyEncryptionKeys {
  /** Wraps what is new. */
  readonly newest: KeyEncryptionKey;
  readonly all: readonly KeyEncryptionKey[];
  /** Versions of which one share is not there yet, as between the two custodians' visits: not used. */
  readonly waiting: readonly { readonly version: number; readonly missing: Custodian }[];
}

export class KeyShareError extends Error {
  override readonly name = "KeyShareError";
}

const WHY: Readonly<Record<ShareRefusal, string>> = {
  encoding: "is not base64",
  length: "is not 32 bytes",
  form: "is no share ring",
};

/**
 * Joins the two custodians' shares by XOR, version by version (PCI DSS 3.7.6): either alone says nothing of a key.
 * @param deployed a real cell, where shares of a rehearsal have no place
 * @throws KeyShareError naming the share that is missing or unusable, never its content
 */
export async function keyEncryptionKeys(
  shareA: string | undefined,
  shareB: string | undefined,
  cell: string,
  deployed: boolean,
): Promise<KeyEncryptionKeys> {
  const a = ring(shareA, "A", cell, deployed);
  const b = ring(shareB, "B", cell, deployed);
  const versions = [...new Set([...a.shares.keys(), ...b.shares.keys()])].sort((x, y) => x - y);
  const all: KeyEncryptionKey[] = [];
  const waiting: { version: number; missing: Custodian }[] = [];
  for (const version of versions) {
    const [mine, other] = [a.shares.get(version), b.shares.get(version)];
    if (mine === undefined || other === undefined) waiting.push({ version, missing: mine === undefined ? "A" : "B" });
    else all.push(await joined(version, mine, other));
  }
  for (const each of [...a.shares.values(), ...b.shares.values()]) each.fill(0);
  const newest = all.at(-1);
  if (newest !== undefined) return { newest, all, waiting };
  const [first] = waiting;
  throw missing(first?.missing ?? "A", `of version ${first?.version ?? 1} `);
}

async function joined(
  version: number,
  a: Uint8Array<ArrayBuffer>,
  b: Uint8Array<ArrayBuffer>,
): Promise<KeyEncryptionKey> {
  const bytes = joinShares(a, b);
  // Equal shares would join to a key of zeros: one person's share was installed twice.
  if (bytes.every((byte) => byte === 0)) throw new KeyShareError("KEK_SHARE_A and KEK_SHARE_B are the same share");
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  const check = await joinedCheck(bytes);
  bytes.fill(0);
  return {
    version,
    key,
    check,
    shareChecks: { A: await shareCheck("A", version, a), B: await shareCheck("B", version, b) },
  };
}

function ring(text: string | undefined, custodian: Custodian, cell: string, deployed: boolean): ShareRing {
  if (text === undefined || text === "") throw missing(custodian);
  const read = readShares(text);
  const unusable = (why: string) => new KeyShareError(`KEK_SHARE_${custodian} ${why} (share ${custodian})`);
  if (!read.ok) throw unusable(WHY[read.reason]);
  const { custodian: owner, cell: its, rehearsal } = read.value;
  if (owner !== null && owner !== custodian) throw unusable(`holds the other custodian's share`);
  if (its !== null && its !== cell) throw unusable("is of another cell");
  if (rehearsal && deployed) throw unusable("is of a rehearsal");
  return read.value;
}

function missing(custodian: Custodian, which = ""): KeyShareError {
  return new KeyShareError(`KEK_SHARE_${custodian} ${which}is missing (share ${custodian})`);
}
