import { fail, ok, type Result } from "../result.ts";
import { fromDecimal } from "../bytes.ts";

/** Hashes of a full tile, entries of a full bundle (C2SP tlog-tiles). */
export const WIDTH = 256;

/** A tile of hashes by its level from 0 (leaves) on, or a bundle of entries. */
export interface Tile {
  readonly level: number | "entries";
  readonly index: number;
  /** 1..256; below 256 it is partial. */
  readonly width: number;
}

/** Its path below the log's prefix: `tile/<L>/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${groups(index)}${width === WIDTH ? "" : `.p/${width}`}`;
}

/** `x001/x234/067` for 1234067. */
function groups(index: number): string {
  const last = String(index % 1000).padStart(3, "0");
  let path = last;
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return path;
}

/** Strict: the one path of a tile, as `tilePath` writes it. */
export function parseTilePath(path: string): Result<Tile, "malformed"> {
  const parts = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (parts === null) return fail("malformed");
  const level = parts[1] === "entries" ? "entries" : Number(parts[1]);
  const index = Number((parts[2] ?? "").replaceAll(/[x/]/g, ""));
  const width = fromDecimal(parts[3] ?? String(WIDTH));
  if (!width.ok || width.value < 1 || width.value > WIDTH) return fail("malformed");
  const tile: Tile = { level, index, width: width.value };
  return (level === "entries" || level <= 63) && tilePath(tile) === path ? ok(tile) : fail("malformed");
}

/** How many hashes of a level a tree of `size` leaves has in tiles of that level: floor(size / 256^level). */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / WIDTH ** level);
}

/** A tile as a tree of `size` leaves has it; undefined when it has none there. */
export function tileOf(level: number | "entries", index: number, size: number): Tile | undefined {
  const width = Math.min(WIDTH, hashesAt(level === "entries" ? 0 : level, size) - index * WIDTH);
  return width < 1 ? undefined : { level, index, width };
}

/** Every tile of hashes that a tree of `size` leaves is served as. */
export function* tilesOf(size: number): Generator<Tile & { readonly level: number }> {
  for (let level = 0; hashesAt(level, size) > 0; level += 1)
    for (let index = 0; index * WIDTH < hashesAt(level, size); index += 1)
      yield { level, index, width: Math.min(WIDTH, hashesAt(level, size) - index * WIDTH) };
}
