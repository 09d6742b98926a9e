import { fail, ok, type Result } from "../result.ts";
import { decodeBundle } from "./bundle.ts";
import { sameBytes, type Bytes } from "../bytes.ts";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { HASH, emptyRoot, leafHash } from "./merkle.ts";
import { parseNote, type VerifierKey } from "./note.ts";
import { WIDTH, tileOf, tilePath, type Tile } from "./tile.ts";
import { EMPTY_TREE, grow, rootOf } from "./tree.ts";

/** What is wrong with a log. `index` is the first entry that it concerns, `path` what was read. */
export type LogFault =
  | { readonly what: "checkpoint"; readonly path: string; readonly why: "missing" | "malformed" | "unsigned" }
  | { readonly what: "missing" | "malformed"; readonly path: string; readonly index: number }
  | { readonly what: "entry"; readonly index: number }
  | { readonly what: "tile"; readonly path: string }
  | { readonly what: "root" }
  /** Not the log that was verified before: cut, rewritten or forked. */
  | { readonly what: "rewritten"; readonly size: number }
  /** Entries are gone that no act of pruning in the log accounts for. */
  | { readonly what: "pruned"; readonly index: number };

export interface VerifiedLog {
  /** The log's checkpoint, as the note that was read: to be kept for the next time. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Entries below it were pruned by an act in the log. */
  readonly minimum: number;
}

export interface VerifyOptions {
  readonly key: VerifierKey;
  /** What lies under a path below the log's prefix; null: nothing. */
  readonly read: (path: string) => Promise<Bytes | null>;
  /** The note of the checkpoint that an earlier verification ended with: only it shows that a tail was cut. */
  readonly kept?: string;
  /** Up to which index an entry says that the log was pruned; null: it is no such act. */
  readonly prunedTo: (entry: Bytes) => number | null;
  readonly onProgress?: (done: number, size: number) => void;
  readonly onEntry?: (index: number, entry: Bytes) => void;
}

/**
 * Recomputes a whole log from its entries: every leaf, every tile at every level, the root, and the root at the size
 * that was verified before. Trusts nothing but the key. Memory: one tile a level.
 */
export async function verifyLog(options: VerifyOptions): Promise<Result<VerifiedLog, "broken"> & { fault?: LogFault }> {
  const broken = (fault: LogFault) => ({ ...fail("broken"), fault });
  const { key, read, kept, prunedTo, onProgress = () => {}, onEntry = () => {} } = options;
  const bytes = await read("checkpoint");
  if (bytes === null) return broken({ what: "checkpoint", path: "checkpoint", why: "missing" });
  const opened = await openCheckpoint(bytes, key);
  if (!opened.ok) return broken({ what: "checkpoint", path: "checkpoint", why: opened.reason });
  const { size, root } = opened.value;
  const before = kept === undefined ? undefined : keptCheckpoint(kept);
  if (before !== undefined && before.size > size) return broken({ what: "rewritten", size: before.size });

  let [tree, minimum, accounted] = [EMPTY_TREE, 0, 0];
  if (before?.size === 0 && !sameBytes(before.root, await emptyRoot())) return broken({ what: "rewritten", size: 0 });
  while (tree.size < size) {
    const index = tree.size / WIDTH;
    const [tile, bundle] = [tileOf(0, index, size), tileOf("entries", index, size)];
    if (tile === undefined || bundle === undefined) throw new Error("a tree has a tile for each of its leaves");
    const hashes = await readTile(read, tile);
    const entries = await readTile(read, bundle);
    if (hashes === null) return broken({ what: "missing", path: tilePath(tile), index: tree.size });
    if (hashes.length !== tile.width * HASH)
      return broken({ what: "malformed", path: tilePath(tile), index: tree.size });
    if (entries === null) {
      if (tree.size !== minimum || bundle.width !== WIDTH)
        return broken({ what: "missing", path: tilePath(bundle), index: tree.size });
      minimum += WIDTH;
    } else {
      const decoded = decodeBundle(entries, bundle.width);
      if (!decoded.ok) return broken({ what: "malformed", path: tilePath(bundle), index: tree.size });
      for (const [at, entry] of decoded.value.entries()) {
        if (!sameBytes(await leafHash(entry), hashes.subarray(at * HASH, (at + 1) * HASH)))
          return broken({ what: "entry", index: tree.size + at });
        accounted = Math.max(accounted, prunedTo(entry) ?? 0);
        onEntry(tree.size + at, entry);
      }
    }
    // Up to the size that was verified before, then on: its root must be on the way.
    for (const [from, to] of steps(tree.size, tree.size + tile.width, before?.size)) {
      const start = index * WIDTH;
      const leaves = Array.from({ length: to - from }, (_, at) => hashAt(hashes, from - start + at));
      const grown = await grow(tree, leaves);
      for (const each of grown.tiles) {
        const final = tileOf(each.level, each.index, size)?.width === each.width;
        if (!final || each.level === 0) continue;
        const served = await readTile(read, each);
        if (served === null) return broken({ what: "missing", path: tilePath(each), index: from });
        if (!sameBytes(served, each.hashes)) return broken({ what: "tile", path: tilePath(each) });
      }
      tree = grown.tree;
      if (tree.size === before?.size && !sameBytes(await rootOf(tree), before.root))
        return broken({ what: "rewritten", size: before.size });
    }
    onProgress(tree.size, size);
  }
  if (!sameBytes(await rootOf(tree), root)) return broken({ what: "root" });
  if (minimum > accounted) return broken({ what: "pruned", index: accounted });
  return ok({ note: new TextDecoder().decode(bytes), checkpoint: opened.value, minimum });
}

/** As read, or cut from the full tile where the partial one is gone already (C2SP tlog-tiles, Partial Tiles). */
async function readTile(read: VerifyOptions["read"], tile: Tile): Promise<Bytes | null> {
  const bytes = await read(tilePath(tile));
  if (bytes !== null || tile.width === WIDTH) return bytes;
  const full = await read(tilePath({ ...tile, width: WIDTH }));
  if (full === null) return null;
  if (tile.level !== "entries") return full.slice(0, tile.width * HASH);
  const decoded = decodeBundle(full, WIDTH);
  if (!decoded.ok) return full;
  const length = decoded.value.slice(0, tile.width).reduce((sum, entry) => sum + 2 + entry.length, 0);
  return full.slice(0, length);
}

/** One step, or two where a size lies between. */
function steps(from: number, to: number, between: number | undefined): [number, number][] {
  return between !== undefined && between > from && between < to
    ? [
        [from, between],
        [between, to],
      ]
    : [[from, to]];
}

function hashAt(hashes: Bytes, at: number): Bytes {
  return hashes.slice(at * HASH, (at + 1) * HASH);
}

function keptCheckpoint(note: string): Checkpoint {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) throw new Error("the kept checkpoint is none");
  return checkpoint.value;
}
