import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import { canonical } from "./chain.ts";

/** How many entries one backup object holds. */
export const SEGMENT = 1000;

/** R2 key of the segment that begins at `first`; sorts by index. */
export function segmentKey(first: number): string {
  return `v1/entries/${String(first).padStart(12, "0")}.ndjson`;
}

/** The entries as newline-delimited JSON, each with its head. */
export function toNdjson(entries: readonly AuditEntry[]): string {
  return entries.map((entry) => `${lineOf(entry)}\n`).join("");
}

/** First indices of the complete segments that `from`..`to` (exclusive) touches. */
export function segmentsIn(from: number, to: number): number[] {
  const firsts: number[] = [];
  for (let first = from - (from % SEGMENT); first < to; first += SEGMENT) firsts.push(first);
  return firsts;
}

/** Whether a backup says the same as the log about those of `entries` that lie in its segment; null: it is gone. */
export function agrees(backup: string | null, first: number, entries: readonly AuditEntry[]): boolean {
  if (backup === null) return false;
  const lines = backup.split("\n");
  if (lines.length !== SEGMENT + 1 || lines[SEGMENT] !== "") return false;
  return entries.every(
    (entry) => entry.index < first || entry.index >= first + SEGMENT || lines[entry.index - first] === lineOf(entry),
  );
}

function lineOf(entry: AuditEntry): string {
  return JSON.stringify({ entry: canonical(entry.index, entry), head: entry.head });
}
