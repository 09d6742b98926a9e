import { entryOf, prunedTo as prunedInCde } from "../../protocol/pay/access-entry.ts";
import { actOf, prunedTo as prunedInPlatform } from "../../workers/audit/entry.ts";
import type { LogName } from "../platform/log-keys.ts";

/** What a log's entries say: one line of text for people, and which act of pruning one is, if any. */
export const ENTRIES: Readonly<
  Record<LogName, { readonly line: (leaf: string) => string; readonly prunedTo: (leaf: string) => number | null }>
> = {
  platform: {
    line: (leaf) => {
      const { when, who, kind, success, from, on, detail } = actOf(leaf);
      const facts = Object.entries(detail ?? {}).map(([name, value]) => `${name}=${String(value)}`);
      return [new Date(when).toISOString(), kind, success ? "ok" : "failed", who, from, on, ...facts].join("  ");
    },
    prunedTo: prunedInPlatform,
  },
  cde: {
    line: (leaf) => {
      const { at, actor, act, object, outcome } = entryOf(leaf);
      return [new Date(at).toISOString(), act, outcome, actor, object ?? "-"].join("  ");
    },
    prunedTo: prunedInCde,
  },
};
