import { encodeBundle } from "./bundle.ts";
import { sameBytes, toBase64, utf8, type Bytes } from "../bytes.ts";
import { signCheckpoint } from "./checkpoint.ts";
import type { EntryRows } from "./entry-rows.ts";
import { Halted } from "./halted.ts";
import { leafHash } from "./merkle.ts";
import type { Signer } from "./note.ts";
import type { Opened } from "./open-log.ts";
import { CHECKPOINT, keyOf, partialsOf, type Bucket } from "./storage.ts";
import { WIDTH, tileOf, type Tile } from "./tile.ts";
import { grow, rootOf } from "./tree.ts";

/** A batch that is published. */
export interface Batch {
  readonly opened: Opened;
  /** The tiles and bundles that it filled. */
  readonly filled: readonly Tile[];
}

/**
 * Publishes the entries up to `size`: tiles and bundles first, then the checkpoint that needs them, then the object's
 * own note of it. A crash anywhere leaves a tree that readers can verify, and the same step is taken again.
 * @throws Halted when something else is published there, and what the bucket throws
 */
export async function publish(
  { tree, etag }: Opened,
  size: number,
  rows: EntryRows,
  bucket: Bucket,
  signer: Signer,
): Promise<Batch> {
  const entries = rows.read(tree.size, size);
  if (entries.length !== size - tree.size) throw new Halted("forked");
  const grown = await grow(tree, await Promise.all(entries.map(({ entry }) => leafHash(utf8(entry)))));
  const root = await rootOf(grown.tree);
  const bundles = bundlesOf(rows, tree.size, size);
  await Promise.all([
    ...grown.tiles.map((tile) => putOnce(bucket, tile, tile.hashes)),
    ...bundles.map(({ tile, bytes }) => putOnce(bucket, tile, bytes)),
  ]);
  const note = await signCheckpoint(size, root, signer);
  const bytes = utf8(note);
  const written = (await bucket.put(CHECKPOINT, bytes, etag)) ?? (await alreadyThere(bucket, bytes));
  if (written === null) throw new Halted("forked");
  rows.setPublished({ size, root: toBase64(root) });
  const filled = [...grown.tiles, ...bundles.map(({ tile }) => tile)].filter(({ width }) => width === WIDTH);
  return { opened: { tree: grown.tree, etag: written.etag, note }, filled };
}

/** Takes away the partial ones of tiles and bundles that are full now, which readers don't wait for. Never throws. */
export async function dropPartials(bucket: Bucket, filled: readonly Tile[]): Promise<void> {
  await Promise.all(filled.map((tile) => dropPartial(bucket, tile)));
}

/** The bundles that entries `from`..`to` (exclusive) lie in, each as a tree of `to` leaves has it. */
function bundlesOf(rows: EntryRows, from: number, to: number): { readonly tile: Tile; readonly bytes: Bytes }[] {
  const bundles: { tile: Tile; bytes: Bytes }[] = [];
  for (let index = Math.floor(from / WIDTH); index * WIDTH < to; index += 1) {
    const tile = tileOf("entries", index, to);
    if (tile === undefined) break;
    const entries = rows.read(index * WIDTH, index * WIDTH + tile.width);
    bundles.push({ tile, bytes: encodeBundle(entries.map(({ entry }) => utf8(entry))) });
  }
  return bundles;
}

/**
 * A tile never changes: one that is there already, from before a crash, must be this one. A bucket under a lock may
 * refuse to write it again in place of saying that it is there.
 */
async function putOnce(bucket: Bucket, tile: Tile, bytes: Bytes): Promise<void> {
  let refusal: unknown = null;
  try {
    if ((await bucket.put(keyOf(tile), bytes, null)) !== null) return;
  } catch (error) {
    refusal = error;
  }
  const there = await bucket.get(keyOf(tile));
  if (there !== null && sameBytes(there.bytes, bytes)) return;
  if (there === null && refusal !== null) throw refusal;
  throw new Halted("forked");
}

/** A put whose answer was lost has taken effect: what is there is what was to be written. */
async function alreadyThere(bucket: Bucket, bytes: Bytes): Promise<{ readonly etag: string } | null> {
  const there = await bucket.get(CHECKPOINT);
  return there !== null && sameBytes(there.bytes, bytes) ? there : null;
}

/** Partial tiles may go once the full one is there (C2SP tlog-tiles, Partial Tiles). Fails open: pruning looks again. */
async function dropPartial(bucket: Bucket, { level, index }: Tile): Promise<void> {
  try {
    const partials = await bucket.list(partialsOf({ level, index }));
    if (partials.length > 0) await bucket.delete(partials);
  } catch {
    console.warn(JSON.stringify({ event: "partial_tiles_left", level, index }));
  }
}
