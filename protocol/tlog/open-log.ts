import { sameBytes, toBase64, utf8 } from "../bytes.ts";
import { openCheckpoint } from "./checkpoint.ts";
import type { EntryRows } from "./entry-rows.ts";
import { Halted } from "./halted.ts";
import { HASH, leafHash } from "./merkle.ts";
import type { VerifierKey } from "./note.ts";
import { CHECKPOINT, type Bucket } from "./storage.ts";
import { WIDTH, tileOf, type Tile } from "./tile.ts";
import { EMPTY_TREE, rootOf, treeOf, type Tree } from "./tree.ts";

/** Where a log goes on: its published tree and the etag of its checkpoint, null before the first. */
export interface Opened {
  readonly tree: Tree;
  readonly etag: string | null;
  /** The signed checkpoint. */
  readonly note: string | null;
}

/**
 * Compares the object with what it published before it may append: the checkpoint is this log's, no older than the
 * last, of no more entries than are here, and of these very entries.
 * @throws Halted, and what the bucket throws when it does not answer
 */
export async function openLog(
  rows: EntryRows,
  bucket: Bucket,
  key: VerifierKey,
  readTile: (tile: Tile) => Promise<Uint8Array | null>,
): Promise<Opened> {
  const last = rows.published();
  const found = await bucket.get(CHECKPOINT);
  if (found === null) {
    if (last !== null) throw new Halted("checkpoint_went_back");
    return { tree: EMPTY_TREE, etag: null, note: null };
  }
  const checkpoint = await openCheckpoint(found.bytes, key);
  if (!checkpoint.ok) throw new Halted("foreign_checkpoint");
  const { size, root } = checkpoint.value;
  if (rows.size < size) throw new Halted("rolled_back");
  if (last !== null && last.size > size) throw new Halted("checkpoint_went_back");
  if (last?.size === size && last.root !== toBase64(root)) throw new Halted("forked");
  const whole = async (tile: Tile): Promise<Uint8Array> => {
    const bytes = await readTile(tile);
    if (bytes?.length !== tile.width * HASH) throw new Halted("tiles_damaged");
    return bytes;
  };
  const tree = await treeOf(whole, size);
  if (!sameBytes(await rootOf(tree), root)) throw new Halted("tiles_damaged");
  await mustHoldTheseEntries(rows, whole, Math.min(last?.size ?? 0, lastTileOf(size)), size);
  if (last === null || last.size < size) rows.setPublished({ size, root: toBase64(root) });
  return { tree, etag: found.etag, note: new TextDecoder().decode(found.bytes) };
}

/** The first index of the last tile of leaves. */
function lastTileOf(size: number): number {
  return Math.floor(Math.max(0, size - 1) / WIDTH) * WIDTH;
}

/** What was published since the object last knew, and at least the last tile, is hashed anew from its rows. */
async function mustHoldTheseEntries(
  rows: EntryRows,
  read: (tile: Tile) => Promise<Uint8Array>,
  known: number,
  size: number,
): Promise<void> {
  const from = Math.max(rows.minimum, Math.floor(known / WIDTH) * WIDTH);
  for (let first = from; first < size; first += WIDTH) {
    const tile = tileOf(0, first / WIDTH, size);
    if (tile === undefined) return;
    const hashes = await read(tile);
    const entries = rows.read(first, first + tile.width);
    const leaves = await Promise.all(entries.map(({ entry }) => leafHash(utf8(entry))));
    const same = leaves.every((leaf, at) => sameBytes(leaf, hashes.subarray(at * HASH, (at + 1) * HASH)));
    if (entries.length !== tile.width || !same) throw new Halted("forked");
  }
}
