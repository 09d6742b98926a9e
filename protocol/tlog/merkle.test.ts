import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../bytes.ts";
import {
  consistencyProof,
  emptyRoot,
  extendsTree,
  includes,
  inclusionProof,
  leafHash,
  rangeHash,
  type Subtree,
} from "./merkle.ts";
import { tilePath, tilesOf, type Tile } from "./tile.ts";
import { EMPTY_TREE, grow, rootOf, subtreesOf, treeOf, type FilledTile } from "./tree.ts";

/** The entries and roots that Certificate Transparency's implementations test RFC 6962's hashing with. */
const ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** RFC 6962, 2.1 word by word, with another library's hash: nothing of what is tested. */
function naiveRoot(entries: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Uint8Array.of(0), entries[0] ?? new Uint8Array());
  let k = 1;
  while (k << 1 < entries.length) k <<= 1;
  return sha256(Uint8Array.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
}

const entriesOf = (size: number) => Array.from({ length: size }, (_, at) => utf8(`entry ${at}`));

/** A log's tiles at a size, grown in batches of these sizes one after another. */
async function tiled(size: number, batches: readonly number[]) {
  const leaves = await Promise.all(entriesOf(size).map(leafHash));
  const kept = new Map<string, FilledTile>();
  let tree = EMPTY_TREE;
  for (let turn = 0; tree.size < size; turn += 1) {
    const grown = await grow(tree, leaves.slice(tree.size, tree.size + (batches[turn % batches.length] ?? 1)));
    for (const tile of grown.tiles) kept.set(tilePath(tile), tile);
    tree = grown.tree;
  }
  const read = async (tile: Tile) => {
    const found = kept.get(tilePath(tile));
    if (found === undefined) throw new Error(`no ${tilePath(tile)}`);
    return found.hashes;
  };
  return { tree, read, kept, subtree: subtreesOf(read, size) };
}

const naive =
  (entries: readonly Uint8Array[]): Subtree =>
  async (height, place) =>
    Uint8Array.from(naiveRoot(entries.slice(place * 2 ** height, (place + 1) * 2 ** height)));

describe("the tree's hash", () => {
  it("is Certificate Transparency's for its published entries", async () => {
    for (const [size, root] of ROOTS.entries()) {
      const leaves = await Promise.all(ENTRIES.slice(0, size).map(leafHash));
      const { tree } = await grow(EMPTY_TREE, leaves);
      expect(hex(await rootOf(tree)), `size ${size}`).toBe(root);
      expect(naiveRoot(ENTRIES.slice(0, size)).toString("hex")).toBe(root);
    }
    expect(hex(await emptyRoot())).toBe(ROOTS[0]);
  });

  it("is the naive one at every size up to 300 and around full tiles, whatever the batches were", async () => {
    const leaves = await Promise.all(entriesOf(300).map(leafHash));
    let tree = EMPTY_TREE;
    for (let size = 1; size <= 300; size += 1) {
      tree = (await grow(tree, leaves.slice(size - 1, size))).tree;
      expect(hex(await rootOf(tree)), `size ${size}`).toBe(naiveRoot(entriesOf(size)).toString("hex"));
    }
    for (const [size, batches] of [
      [511, [100]],
      [512, [512]],
      [513, [256, 1]],
      [1_031, [7, 300]],
    ] as const)
      expect(hex(await rootOf((await tiled(size, batches)).tree)), `size ${size}`).toBe(
        naiveRoot(entriesOf(size)).toString("hex"),
      );
  });
});

describe("tiles", () => {
  it("of a tree of 70,000 entries are the ones that the specification counts", async () => {
    const tiles = [...tilesOf(70_000)];
    const at = (level: number) => tiles.filter((tile) => tile.level === level);
    expect(at(0)).toHaveLength(274);
    expect(at(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(at(1)).toEqual([
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
    ]);
    expect(at(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect([...tilesOf(256)]).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
  });

  it("hold what the specification's formula says: the tree hash of each range that a hash stands for", async () => {
    const { kept } = await tiled(600, [600]);
    const entries = entriesOf(600);
    for (const tile of tilesOf(600)) {
      const hashes = kept.get(tilePath(tile))?.hashes ?? new Uint8Array();
      expect(hashes.length).toBe(tile.width * 32);
      for (let i = 0; i < tile.width; i += 1) {
        const from = (tile.index * 256 + i) * 256 ** tile.level;
        const expected = naiveRoot(entries.slice(from, from + 256 ** tile.level));
        expect(Buffer.from(hashes.subarray(i * 32, i * 32 + 32)).equals(expected)).toBe(true);
      }
    }
  });

  it("give the same edges back that the tree grew with", async () => {
    const { tree, read } = await tiled(777, [50]);
    expect(await treeOf(read, 777)).toEqual({ size: 777, edges: tree.edges });
  });
});

describe("proofs", () => {
  it("of inclusion hold for every entry of every size up to 40, and for no other index, size or entry", async () => {
    for (let size = 1; size <= 40; size += 1) {
      const entries = entriesOf(size);
      const head = { size, root: naiveRoot(entries) };
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(naive(entries), index, size);
        const leaf = await leafHash(entries[index] ?? new Uint8Array());
        expect(await includes(leaf, index, proof, head), `${index} of ${size}`).toBe(true);
        expect(await includes(leaf, index + 1, proof, head)).toBe(false);
        expect(await includes(await leafHash(utf8("other")), index, proof, head)).toBe(false);
        expect(await includes(leaf, index, [...proof, leaf], head)).toBe(false);
        if (proof.length > 0) expect(await includes(leaf, index, proof.slice(1), head)).toBe(false);
      }
      expect(await includes(await leafHash(entries[0] ?? new Uint8Array()), size, [], head)).toBe(false);
      expect(await includes(new Uint8Array(32), -1, [], head)).toBe(false);
    }
  });

  it("of consistency hold between every two sizes up to 40, and for no other tree", async () => {
    const entries = entriesOf(41);
    const roots = Array.from({ length: 41 }, (_, size) => naiveRoot(entries.slice(0, size)));
    const fork = naiveRoot([...entriesOf(3), utf8("other"), ...entries.slice(4)]);
    for (let newer = 0; newer <= 40; newer += 1)
      for (let older = 0; older <= newer; older += 1) {
        const proof = await consistencyProof(naive(entries), older, newer);
        const [a, b] = [
          { size: older, root: roots[older] ?? fork },
          { size: newer, root: roots[newer] ?? fork },
        ];
        expect(await extendsTree(a, b, proof), `${older} to ${newer}`).toBe(true);
        expect(await extendsTree({ ...a, root: fork }, b, proof)).toBe(false);
        if (older > 0) expect(await extendsTree(a, { ...b, root: fork }, proof)).toBe(false);
        if (older < newer) expect(await extendsTree(b, a, proof)).toBe(false);
        expect(await extendsTree(a, b, [...proof, fork])).toBe(false);
        if (proof.length > 0) expect(await extendsTree(a, b, proof.slice(0, -1))).toBe(false);
      }
  });

  it("made from tiles are the naive ones across full and partial tiles", async () => {
    const size = 1_031;
    const entries = entriesOf(size);
    const { subtree } = await tiled(size, [300, 5]);
    expect(Buffer.from(await rangeHash(subtree, 0, size))).toEqual(naiveRoot(entries));
    for (const index of [0, 1, 255, 256, 511, 512, 1_000, 1_023, 1_024, 1_030])
      expect(await inclusionProof(subtree, index, size)).toEqual(await inclusionProof(naive(entries), index, size));
    for (const older of [1, 2, 255, 256, 257, 512, 768, 1_023, 1_024, 1_025, 1_030])
      expect(await consistencyProof(subtree, older, size)).toEqual(await consistencyProof(naive(entries), older, size));
  });
});
