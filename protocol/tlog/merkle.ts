import { concat, sameBytes, type Bytes } from "../bytes.ts";

/** Bytes of a hash (SHA-256). */
export const HASH = 32;
/** Domain separation of leaves and nodes (RFC 6962, 2.1). */
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** @returns the root of the empty tree: SHA-256 of nothing */
export function emptyRoot(): Promise<Bytes> {
  return sha256(new Uint8Array());
}

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(concat(LEAF, entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(NODE, left, right));
}

/** The greatest power of two that is smaller than `size` (RFC 6962, 2.1: k < n <= 2k). */
export function splitOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The hash of a whole subtree: of the leaves from `place` * 2^`height`, 2^`height` of them. */
export type Subtree = (height: number, place: number) => Promise<Bytes>;

/** The Merkle tree hash of the leaves `from`..`to` (exclusive), as RFC 6962 splits them. */
export async function rangeHash(subtree: Subtree, from: number, to: number): Promise<Bytes> {
  if (to === from) return emptyRoot();
  const size = to - from;
  const height = Math.log2(size);
  if (Number.isInteger(height) && from % size === 0) return subtree(height, from / size);
  const middle = from + splitOf(size);
  return nodeHash(await rangeHash(subtree, from, middle), await rangeHash(subtree, middle, to));
}

/** PATH(m, D[n]) of RFC 6962, 2.1.1: from the leaf's sibling up. `index` < `size`. */
export async function inclusionProof(subtree: Subtree, index: number, size: number): Promise<Bytes[]> {
  const path = async (from: number, to: number): Promise<Bytes[]> => {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...(await path(from, middle)), await rangeHash(subtree, middle, to)]
      : [...(await path(middle, to)), await rangeHash(subtree, from, middle)];
  };
  return path(0, size);
}

/** PROOF(m, D[n]) of RFC 6962, 2.1.2. Empty when the sizes are one or the older tree is empty. */
export async function consistencyProof(subtree: Subtree, older: number, newer: number): Promise<Bytes[]> {
  const part = async (from: number, to: number, known: boolean): Promise<Bytes[]> => {
    if (to === older) return known ? [] : [await rangeHash(subtree, from, to)];
    const middle = from + splitOf(to - from);
    return older <= middle
      ? [...(await part(from, middle, known)), await rangeHash(subtree, middle, to)]
      : [...(await part(middle, to, false)), await rangeHash(subtree, from, middle)];
  };
  return older === 0 || older === newer ? [] : part(0, newer, true);
}

interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether a proof leads from a leaf at its index to the tree's root (RFC 9162, 2.1.3.2). */
export async function includes(
  leaf: Uint8Array,
  index: number,
  proof: readonly Uint8Array[],
  { size, root }: Head,
): Promise<boolean> {
  if (!(index >= 0 && index < size)) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = await nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else hash = await nodeHash(hash, sibling);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && sameBytes(hash, root);
}

/** Whether a proof shows that the newer tree begins with all of the older one (RFC 9162, 2.1.4.2). */
export async function extendsTree(older: Head, newer: Head, proof: readonly Uint8Array[]): Promise<boolean> {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && sameBytes(older.root, await emptyRoot());
  const whole = Number.isInteger(Math.log2(older.size));
  const [first, ...rest] = whole ? [older.root, ...proof] : proof;
  if (first === undefined || (!whole && proof.length === 0)) return false;
  let [place, last] = [older.size - 1, newer.size - 1];
  while (place % 2 === 1) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  let [old, now] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [old, now] = [await nodeHash(hash, old), await nodeHash(hash, now)];
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else now = await nodeHash(now, hash);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && sameBytes(old, older.root) && sameBytes(now, newer.root);
}

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
