import { inArray, or } from "drizzle-orm";
import { parseCartSerial } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import type { ManifestEntry } from "../../protocol/rooms/fleet.ts";
import { proved } from "./outside.ts";
import type { Database } from "./registry.ts";
import { manifest } from "./schema.ts";

export interface ManifestReport {
  readonly added: number;
  readonly known: number;
  readonly refused: readonly { readonly row: number; readonly reason: ManifestReason }[];
}
export type ManifestReason = "bad_serial" | "bad_key_hash" | "serial_taken" | "key_taken";

/** Lines a batch: one statement each, and one query of two parameters a line for those that were not added. */
const BATCH = 40;

/**
 * Adds the factory's lines. A line that is there already is known; a serial with another key, or a key under
 * another serial, is refused by its row (1 first). Lines are never changed: a new key means a new serial.
 */
export async function importLines(
  db: Database,
  audit: AuditAppender,
  entries: readonly ManifestEntry[],
  now: number,
): Promise<Result<ManifestReport, "unavailable">> {
  const act = { who: "fleet", kind: "settings_changed", when: now, success: true } as const;
  const from = "ForOps.importManifest";
  if (!(await proved(audit, { ...act, from, on: "manifest", detail: { lines: entries.length } })))
    return fail("unavailable");
  let added = 0;
  let known = 0;
  const refused: { row: number; reason: ManifestReason }[] = [];
  for (let start = 0; start < entries.length; start += BATCH) {
    for (const line of await importBatch(db, entries.slice(start, start + BATCH), now)) {
      if (line.outcome === "added") added += 1;
      else if (line.outcome === "known") known += 1;
      else refused.push({ row: start + line.index + 1, reason: line.outcome });
    }
  }
  return ok({ added, known, refused });
}

type Line = { readonly index: number; readonly outcome: "added" | "known" | ManifestReason };

async function importBatch(db: Database, entries: readonly ManifestEntry[], now: number): Promise<Line[]> {
  const lines: Line[] = [];
  const valid = entries.flatMap((entry, index) => {
    const problem = problemOf(entry);
    if (problem === null) return [{ ...entry, index }];
    lines.push({ index, outcome: problem });
    return [];
  });
  const [first, ...rest] = valid.map((entry) =>
    db
      .insert(manifest)
      .values({ serial: entry.serial, publicKeyHash: entry.publicKeyHash, addedAt: now })
      .onConflictDoNothing(),
  );
  if (first === undefined) return lines;
  const results = await db.batch([first, ...rest]);
  const conflicts = valid.filter((_, i) => results[i]?.meta.changes !== 1);
  const rows = conflicts.length === 0 ? [] : await sameSerialOrKey(db, conflicts);
  for (const entry of valid) {
    const outcome = conflicts.includes(entry) ? whyNot(rows, entry) : "added";
    lines.push({ index: entry.index, outcome });
  }
  return lines.sort((a, b) => a.index - b.index);
}

function problemOf(entry: ManifestEntry): ManifestReason | null {
  if (parseCartSerial(entry.serial) === undefined) return "bad_serial";
  return /^[0-9a-f]{64}$/.test(entry.publicKeyHash) ? null : "bad_key_hash";
}

function sameSerialOrKey(db: Database, entries: readonly ManifestEntry[]): Promise<ManifestRow[]> {
  const serials = entries.map((entry) => entry.serial);
  const hashes = entries.map((entry) => entry.publicKeyHash);
  return db
    .select({ serial: manifest.serial, publicKeyHash: manifest.publicKeyHash })
    .from(manifest)
    .where(or(inArray(manifest.serial, serials), inArray(manifest.publicKeyHash, hashes)));
}

type ManifestRow = { readonly serial: string; readonly publicKeyHash: string };

function whyNot(rows: readonly ManifestRow[], entry: ManifestEntry): "known" | "serial_taken" | "key_taken" {
  const sameSerial = rows.find((row) => row.serial === entry.serial);
  if (sameSerial === undefined) return "key_taken";
  return sameSerial.publicKeyHash === entry.publicKeyHash ? "known" : "serial_taken";
}
