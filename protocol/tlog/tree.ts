import { concat, type Bytes } from "../bytes.ts";
import { HASH, emptyRoot, nodeHash, type Subtree } from "./merkle.ts";
import { WIDTH, tileOf, type Tile } from "./tile.ts";

/** What a log must know to grow: its size, and by level the hashes of the rightmost tile that is not full yet. */
export interface Tree {
  readonly size: number;
  readonly edges: readonly Bytes[];
}

export const EMPTY_TREE: Tree = { size: 0, edges: [] };

/** A tile with its hashes. */
export interface FilledTile extends Tile {
  readonly level: number;
  readonly hashes: Bytes;
}

/** The tree with more leaves, and every tile that is other than before: the full ones, and one partial a level. */
export async function grow(
  tree: Tree,
  leaves: readonly Uint8Array[],
): Promise<{ readonly tree: Tree; readonly tiles: readonly FilledTile[] }> {
  const tiles: FilledTile[] = [];
  const edges = [...tree.edges];
  let added: Bytes = concat(...leaves);
  for (let level = 0; added.length > 0; level += 1) {
    let index = Math.floor(tree.size / WIDTH ** (level + 1));
    let hashes = concat(edges[level] ?? new Uint8Array(), added);
    const above: Bytes[] = [];
    for (; hashes.length >= WIDTH * HASH; index += 1) {
      const full = hashes.slice(0, WIDTH * HASH);
      tiles.push({ level, index, width: WIDTH, hashes: full });
      above.push(await rootOfWhole(full));
      hashes = hashes.slice(WIDTH * HASH);
    }
    if (hashes.length > 0) tiles.push({ level, index, width: hashes.length / HASH, hashes });
    edges[level] = hashes;
    added = concat(...above);
  }
  return { tree: { size: tree.size + leaves.length, edges }, tiles };
}

/** The root of a tree from its edges alone. */
export async function rootOf({ edges }: Tree): Promise<Bytes> {
  let root: Bytes | undefined;
  for (const edge of edges) {
    // The edge's hashes are whole subtrees by the bits of their number, the greatest first: taken from the right here.
    for (let [end, run] = [edge.length / HASH, 1]; end > 0; run *= 2) {
      if (end % (run * 2) === 0) continue;
      const whole = await rootOfWhole(edge.subarray((end - run) * HASH, end * HASH));
      root = root === undefined ? whole : await nodeHash(whole, root);
      end -= run;
    }
  }
  return root ?? emptyRoot();
}

/** The root over a power of two of hashes. */
async function rootOfWhole(hashes: Uint8Array): Promise<Bytes> {
  let row = hashes;
  while (row.length > HASH) {
    const pairs = Array.from({ length: row.length / HASH / 2 }, (_, at) => at * 2 * HASH);
    row = concat(
      ...(await Promise.all(
        pairs.map((at) => nodeHash(row.subarray(at, at + HASH), row.subarray(at + HASH, at + 2 * HASH))),
      )),
    );
  }
  return Uint8Array.from(row);
}

/**
 * The subtrees of a tree of `size` leaves, out of its tiles.
 * @param read gives a tile's bytes, whole and of its width; it throws when there is none
 */
export function subtreesOf(read: (tile: Tile) => Promise<Uint8Array>, size: number): Subtree {
  return async (height, place) => {
    const level = Math.floor(height / 8);
    const count = 2 ** (height % 8);
    const first = place * count;
    const tile = tileOf(level, Math.floor(first / WIDTH), size);
    if (tile === undefined || (first % WIDTH) + count > tile.width) throw new Error("no such subtree in the tree");
    const hashes = await read(tile);
    if (hashes.length !== tile.width * HASH) throw new Error("a tile is not of its width");
    return rootOfWhole(hashes.subarray((first % WIDTH) * HASH, ((first % WIDTH) + count) * HASH));
  };
}

/** The edges of a tree of `size` leaves, out of its tiles. @throws what `read` throws */
export async function treeOf(read: (tile: Tile) => Promise<Uint8Array>, size: number): Promise<Tree> {
  const edges: Bytes[] = [];
  for (let level = 0; Math.floor(size / WIDTH ** level) > 0; level += 1) {
    const tile = tileOf(level, Math.floor(size / WIDTH ** (level + 1)), size);
    const hashes = tile === undefined ? new Uint8Array() : await read(tile);
    if (hashes.length !== (tile?.width ?? 0) * HASH) throw new Error("a tile is not of its width");
    edges.push(Uint8Array.from(hashes));
  }
  return { size, edges };
}
