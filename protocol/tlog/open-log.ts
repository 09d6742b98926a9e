import { concat, sameBytes, toBase64, utf8 } from "../bytes.ts";
import { openCheckpoint } from "./checkpoint.ts";
import type { EntryRows } from "./entry-rows.ts";
import { Halted } from "./halted.ts";
import { HASH, leafHash } from "./merkle.ts";
import type { VerifierKey } from "./note.ts";
import { CHECKPOINT, type Bucket } from "./storage.ts";
import { WIDTH, parseTilePath, tileOf, tilePath, type Tile } from "./tile.ts";
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
 * last, of no more entries than are here, and of these very entries. Before the first, tiles that are there must be, too.
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
    await mustBeAFirstBatch(rows, bucket);
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

/**
 * Tiles without a checkpoint are of a first batch that a crash held up, and then of these very entries. Others were
 * published by an object whose rows, and whose checkpoint, are gone.
 */
async function mustBeAFirstBatch(rows: EntryRows, bucket: Bucket): Promise<void> {
  for (const key of [tilePath({ level: 0, index: 0, width: WIDTH }), ...(await bucket.list("partial/tile/0/"))]) {
    const [tile, found] = [parseTilePath(key.replace(/^partial\//, "")), await bucket.get(key)];
    if (found === null) continue;
    if (!tile.ok || !(await isOf(rows, tile.value, found.bytes))) throw new Halted("rolled_back");
  }
}

/** Whether a tile of leaves holds the hashes of the entries that are here. */
async function isOf(rows: EntryRows, { index, width }: Tile, hashes: Uint8Array): Promise<boolean> {
  const entries = rows.read(index * WIDTH, index * WIDTH + width);
  const leaves = await Promise.all(entries.map(({ entry }) => leafHash(utf8(entry))));
  return entries.length === width && sameBytes(concat(...leaves), hashes);
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
    if (!(await isOf(rows, tile, await read(tile)))) throw new Halted("forked");
  }
}
