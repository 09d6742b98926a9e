import type { EntryRows } from "./entry-rows.ts";
import { keyOf, partialsOf, type Bucket } from "./storage.ts";
import { WIDTH } from "./tile.ts";

/** Bundles that one pruning removes at the most. */
const PRUNED_BUNDLES = 64;

/** What pruning may remove, and the act that records it. */
export interface PruneRule {
  /** When an entry was made, milliseconds since the epoch. */
  readonly timeOf: (entry: string) => number;
  /** Entries made before may go. */
  readonly before: number;
  /** The entry that records the pruning of `from`..`to` (exclusive); appended before anything goes. */
  readonly act: (from: number, to: number) => string;
}

/**
 * Up to where the log is to be pruned, which an entry in it then says. What an earlier pruning announced and could not
 * finish comes first and is not announced again.
 * @param published entries of the published tree: nothing above goes
 */
export function announcePruning(rows: EntryRows, published: number, { timeOf, before, act }: PruneRule): number {
  const from = rows.minimum;
  if (rows.announced > from) return rows.announced;
  let to = from;
  while (to + WIDTH <= published && to < from + PRUNED_BUNDLES * WIDTH) {
    if (rows.read(to, to + WIDTH).some(({ entry }) => !(timeOf(entry) < before))) break;
    to += WIDTH;
  }
  if (to > from) rows.announce(act(from, to), to);
  return to;
}

/**
 * Removes the announced bundles, the oldest first, each with its partial ones from the bucket before its rows go.
 * @throws what the bucket throws, and then nothing above has gone
 */
export async function removeBundles(rows: EntryRows, bucket: Bucket): Promise<void> {
  while (rows.minimum < rows.announced) {
    const bundle = { level: "entries", index: rows.minimum / WIDTH, width: WIDTH } as const;
    // Partial ones went when the full one came, unless the bucket was away just then: they hold the same entries.
    const partials = await bucket.list(partialsOf(bundle));
    await bucket.delete([...partials, keyOf(bundle)]);
    rows.setMinimum((bundle.index + 1) * WIDTH);
  }
}
