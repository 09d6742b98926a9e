import { fail, ok, type Result } from "../result.ts";
import { decodeBundle } from "./bundle.ts";
import { sameBytes, type Bytes } from "../bytes.ts";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { cosignersOf } from "./cosignature.ts";
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
  /** The note of witnesses' cosignatures that the log serves; `cosignature`: a known witness's does not verify. */
  | { readonly what: "cosigned"; readonly why: "malformed" | "unsigned" | "cosignature" }
  /** Not the log that was brought to witnesses: cut, rewritten or forked. */
  | { readonly what: "witnessed"; readonly size: number }
  /** Entries are gone that no act of pruning in the log accounts for. */
  | { readonly what: "pruned"; readonly index: number };

/** Up to where a log's entries are cosigned. */
export interface Cosigned {
  readonly size: number;
  /** The names of known witnesses. */
  readonly by: readonly string[];
}

export interface VerifiedLog {
  /** The log's checkpoint, as the note that was read: to be kept for the next time. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Entries below it were pruned by an act in the log. */
  readonly minimum: number;
  /** Null: the log serves no cosigned checkpoint. */
  readonly cosigned: Cosigned | null;
}

export interface VerifyOptions {
  readonly key: VerifierKey;
  /** What lies under a path below the log's prefix; null: nothing. */
  readonly read: (path: string) => Promise<Bytes | null>;
  /** The note of the checkpoint that an earlier verification ended with: only it shows that a tail was cut. */
  readonly kept?: string;
  /** What is read is a copy, which may be older than `kept`: it is then not compared with it. */
  readonly copy?: boolean;
  /** Whose cosignatures count. */
  readonly witnesses?: readonly VerifierKey[];
  /** Up to which index an entry says that the log was pruned; null: it is no such act. */
  readonly prunedTo: (entry: Bytes) => number | null;
  readonly onProgress?: (done: number, size: number) => void;
  readonly onEntry?: (index: number, entry: Bytes) => void;
}

/**
 * Recomputes a whole log from its entries: every leaf, every tile at every level, the root, and the roots at the
 * sizes that were verified before and that witnesses cosigned. Trusts nothing but the keys. Memory: one tile a level.
 */
export async function verifyLog(options: VerifyOptions): Promise<Result<VerifiedLog, "broken"> & { fault?: LogFault }> {
  const broken = (fault: LogFault) => ({ ...fail("broken"), fault });
  const { key, read, kept, copy = false, prunedTo, onProgress = () => {}, onEntry = () => {} } = options;
  // Before the checkpoint, which is not of fewer entries even when the log grows meanwhile.
  const witnessed = await readCosigned(options);
  if (!witnessed.ok) return broken({ what: "cosigned", why: witnessed.reason });
  const cosigned = witnessed.value;
  const bytes = await read("checkpoint");
  if (bytes === null && cosigned !== null) return broken({ what: "witnessed", size: cosigned.size });
  if (bytes === null) return broken({ what: "checkpoint", path: "checkpoint", why: "missing" });
  const opened = await openCheckpoint(bytes, key);
  if (!opened.ok) return broken({ what: "checkpoint", path: "checkpoint", why: opened.reason });
  const { size, root } = opened.value;
  const before = kept === undefined ? undefined : keptCheckpoint(kept);
  const marks: Mark[] = [];
  if (before !== undefined && !(copy && before.size > size))
    marks.push({ ...before, fault: { what: "rewritten", size: before.size } });
  if (cosigned !== null) marks.push({ ...cosigned, fault: { what: "witnessed", size: cosigned.size } });
  for (const mark of marks)
    if (mark.size > size || (mark.size === 0 && !sameBytes(mark.root, await emptyRoot()))) return broken(mark.fault);

  let [tree, minimum, accounted] = [EMPTY_TREE, 0, 0];
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
    // From one marked size to the next: their roots must be on the way.
    for (const [from, to] of steps(tree.size, tree.size + tile.width, marks)) {
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
      for (const mark of marks)
        if (mark.size === tree.size && !sameBytes(await rootOf(tree), mark.root)) return broken(mark.fault);
    }
    onProgress(tree.size, size);
  }
  if (!sameBytes(await rootOf(tree), root)) return broken({ what: "root" });
  if (minimum > accounted) return broken({ what: "pruned", index: accounted });
  const upTo = cosigned === null ? null : { size: cosigned.size, by: cosigned.by };
  return ok({ note: new TextDecoder().decode(bytes), checkpoint: opened.value, minimum, cosigned: upTo });
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

/** A size whose root is known from elsewhere, and what it means when the log's is another. */
interface Mark {
  readonly size: number;
  readonly root: Bytes;
  readonly fault: LogFault;
}

/** One step, or more where marks lie between. */
function steps(from: number, to: number, marks: readonly Mark[]): [number, number][] {
  const between = marks.map(({ size }) => size).filter((size) => size > from && size < to);
  const stops = [...new Set([...between, to])].toSorted((a, b) => a - b);
  return stops.map((stop, at) => [stops[at - 1] ?? from, stop]);
}

/** The cosigned checkpoint that the log serves, by known witnesses or not: its own key signed it in any case. */
async function readCosigned({
  key,
  read,
  witnesses = [],
}: VerifyOptions): Promise<Result<(Checkpoint & Cosigned) | null, "malformed" | "unsigned" | "cosignature">> {
  const bytes = await read("cosigned");
  if (bytes === null) return ok(null);
  const opened = await openCheckpoint(bytes, key);
  if (!opened.ok) return opened;
  const lines = await cosignersOf(opened.value.note, witnesses);
  if (!lines.ok) return fail("cosignature");
  return ok({ ...opened.value, by: [...new Set(lines.value.map(({ name }) => name))] });
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
