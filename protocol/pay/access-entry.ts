/** One access as a leaf of the access log's tree: PCI DSS 10.2.2's fields. */
export interface AccessEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly act: string;
  readonly object: string | null;
  readonly outcome: string;
}

/** RFC 8785 (JSON Canonicalization Scheme): the names in order. */
export function leafOf({ at, actor, act, object, outcome }: AccessEntry): string {
  return JSON.stringify({ act, actor, at, object, outcome });
}

export function entryOf(leaf: string): AccessEntry {
  return JSON.parse(leaf) as AccessEntry;
}

const PRUNED = /^log:cde to ([0-9]{1,15})$/;

/** The entry that records that the log's oldest entries went, up to `to` (exclusive). */
export function pruningOf(to: number, at: number): AccessEntry {
  return { at, actor: "schedule", act: "prune_log", object: `log:cde to ${to}`, outcome: "granted" };
}

/** Up to which index a leaf says that the log was pruned; null: it says nothing of it. */
export function prunedTo(leaf: string): number | null {
  const { actor, act, object } = entryOf(leaf);
  const to = actor === "schedule" && act === "prune_log" ? PRUNED.exec(object ?? "")?.[1] : undefined;
  return to === undefined ? null : Number(to);
}
