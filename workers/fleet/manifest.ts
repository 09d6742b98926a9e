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

/** Lines a batch: one statement each, and one query of two parameters a line. */
const BATCH = 40;

type Outcome = "added" | "known" | ManifestReason;

/**
 * Adds the factory's lines. A line that is there already is known; a serial with another key, or a key under
 * another serial, is refused by its row (1 first). Lines are never changed: a new key means a new serial.
 * The log is told how many lines are new before any is added, and nothing when none is.
 */
export async function importLines(
  db: Database,
  audit: AuditAppender,
  entries: readonly ManifestEntry[],
  now: number,
): Promise<Result<ManifestReport, "unavailable">> {
  const outcomes: (Outcome | "new")[] = [];
  for (const batch of batchesOf(entries)) {
    const rows = await sameSerialOrKey(db, batch.filter(isWellFormed));
    outcomes.push(...batch.map((entry) => judge(entry, rows)));
  }
  const fresh = entries.filter((_, i) => outcomes[i] === "new");
  if (fresh.length > 0 && !(await proved(audit, importedAct(fresh.length, now)))) return fail("unavailable");
  const added: Outcome[] = [];
  for (const batch of batchesOf(fresh)) added.push(...(await insert(db, batch, now)));
  return ok(reportOf(outcomes.map((outcome) => (outcome === "new" ? (added.shift() ?? "known") : outcome))));
}

/** Two lines of one list, or two imports at once, may claim one serial or key: the first row stands. */
async function insert(db: Database, entries: readonly ManifestEntry[], now: number): Promise<Outcome[]> {
  const [first, ...rest] = entries.map(({ serial, publicKeyHash }) =>
    db.insert(manifest).values({ serial, publicKeyHash, addedAt: now }).onConflictDoNothing(),
  );
  if (first === undefined) return [];
  const results = await db.batch([first, ...rest]);
  const lost = entries.filter((_, i) => results[i]?.meta.changes !== 1);
  const rows = lost.length === 0 ? [] : await sameSerialOrKey(db, lost);
  return entries.map((entry) => {
    const outcome = lost.includes(entry) ? judge(entry, rows) : "added";
    return outcome === "new" ? "known" : outcome;
  });
}

function judge(entry: ManifestEntry, rows: readonly ManifestRow[]): "new" | "known" | ManifestReason {
  if (parseCartSerial(entry.serial) === undefined) return "bad_serial";
  if (!isWellFormed(entry)) return "bad_key_hash";
  const sameSerial = rows.find((row) => row.serial === entry.serial);
  if (sameSerial !== undefined) return sameSerial.publicKeyHash === entry.publicKeyHash ? "known" : "serial_taken";
  return rows.some((row) => row.publicKeyHash === entry.publicKeyHash) ? "key_taken" : "new";
}

function reportOf(outcomes: readonly Outcome[]): ManifestReport {
  const refused = outcomes.flatMap((reason, i) =>
    reason === "added" || reason === "known" ? [] : [{ row: i + 1, reason }],
  );
  const count = (which: Outcome) => outcomes.filter((outcome) => outcome === which).length;
  return { added: count("added"), known: count("known"), refused };
}

function isWellFormed({ serial, publicKeyHash }: ManifestEntry): boolean {
  return parseCartSerial(serial) !== undefined && /^[0-9a-f]{64}$/.test(publicKeyHash);
}

function* batchesOf(entries: readonly ManifestEntry[]): Generator<readonly ManifestEntry[]> {
  for (let at = 0; at < entries.length; at += BATCH) yield entries.slice(at, at + BATCH);
}

function importedAct(lines: number, when: number) {
  const from = "ForOps.importManifest";
  return {
    who: "ops",
    kind: "settings_changed",
    when,
    success: true,
    from,
    on: "manifest",
    detail: { lines },
  } as const;
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
