import type { AuditAct } from "../../protocol/rooms/audit.ts";

/**
 * An act as a leaf of the tree: RFC 8785 (JSON Canonicalization Scheme), so that whoever has the act can make the
 * leaf. Its index is its place in the tree and is not in it.
 */
export function leafOf(act: AuditAct): string {
  const { detail } = act;
  return JSON.stringify(sorted({ ...act, ...(detail === undefined ? {} : { detail: sorted(detail) }) }));
}

/** The act of a leaf that this log made. */
export function actOf(leaf: string): AuditAct {
  return JSON.parse(leaf) as AuditAct;
}

/** The act that records a pruning, in the log's own name; `from`..`to`, exclusive. */
export function pruningOf(from: number, to: number, when: number): AuditAct {
  return { who: "audit", kind: "purge", when, success: true, from: "prune", on: "log:platform", detail: { from, to } };
}

/** Up to which index a leaf says that the log was pruned; null: it says nothing of it. */
export function prunedTo(leaf: string): number | null {
  const { who, kind, on, detail } = actOf(leaf);
  const to = detail?.["to"];
  return who === "audit" && kind === "purge" && on === "log:platform" && typeof to === "number" ? to : null;
}

function sorted(fields: object): object {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
