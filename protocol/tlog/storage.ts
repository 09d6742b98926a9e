import type { Bytes } from "../bytes.ts";
import { WIDTH, tilePath, type Tile } from "./tile.ts";

/** A Durable Object's own SQLite, as much of it as a log uses. */
export interface Sql {
  exec(query: string, ...bindings: (string | number)[]): { toArray(): Record<string, unknown>[] };
}

/** Where tiles and checkpoints lie for their readers. */
export interface Bucket {
  get(key: string): Promise<{ readonly bytes: Bytes; readonly etag: string } | null>;
  /** Only where nothing is yet (`null`) or what is there has this etag; null when that is not so. */
  put(key: string, bytes: Bytes, onlyIf: string | null): Promise<{ readonly etag: string } | null>;
  /** Keys that begin so. */
  list(prefix: string): Promise<readonly string[]>;
  delete(keys: readonly string[]): Promise<void>;
}

export const CHECKPOINT = "checkpoint";

/**
 * The bucket's key of a tile. Partial tiles lie apart, as they go once the full one is there: a lock on `tile/` then
 * holds what must stay.
 */
export function keyOf(tile: Tile): string {
  return tile.width === WIDTH ? tilePath(tile) : `partial/${tilePath(tile)}`;
}

/** What the keys of a tile's partial ones begin with. */
export function partialsOf({ level, index }: Pick<Tile, "level" | "index">): string {
  return `partial/${tilePath({ level, index, width: WIDTH })}.p/`;
}

/** The part of R2's binding that is used. */
interface R2 {
  get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer>; readonly etag: string } | null>;
  put(
    key: string,
    value: Uint8Array,
    options: { onlyIf: { etagMatches: string } | Headers },
  ): Promise<{ readonly etag: string } | null>;
  list(options: { prefix: string }): Promise<{ readonly objects: readonly { readonly key: string }[] }>;
  delete(keys: string[]): Promise<void>;
}

export function bucketOf(r2: R2): Bucket {
  return {
    get: async (key) => {
      const found = await r2.get(key);
      return found === null ? null : { bytes: new Uint8Array(await found.arrayBuffer()), etag: found.etag };
    },
    put: async (key, bytes, etag) =>
      r2.put(key, bytes, {
        onlyIf: etag === null ? new Headers({ "if-none-match": "*" }) : { etagMatches: etag },
      }),
    list: async (prefix) => (await r2.list({ prefix })).objects.map(({ key }) => key),
    delete: (keys) => r2.delete([...keys]),
  };
}
