import { fail, ok, type Result } from "../../../protocol/result.ts";
import { KEY_ALIVE, newDataKey, openDataKeys, rewrapDataKeys, type DataKeys, type KeyStore } from "./data-key.ts";
import { SealBroken, seal } from "./seal.ts";
import { openSealed } from "./security-event.ts";
import { SEALED, type SealedTable } from "./sealed-tables.ts";
import { appendAccess, type Access } from "./vault.ts";

/** Rows of a table that one batch re-wraps at the most. */
export const REWRAP_BATCH = 50;

/**
 * Brings in a new data key, which seals from the next request on, and wraps the older ones by the newest
 * key-encryption key. What is stored is re-wrapped later, batch by batch; nothing waits for it.
 */
export async function rotate(store: KeyStore): Promise<void> {
  await rewrapDataKeys(store);
  const newest = await store.database.prepare("SELECT max(version) AS version FROM data_keys").first<number>("version");
  const version = (newest ?? 0) + 1;
  await store.database.batch([
    await newDataKey(store, version),
    store.database
      .prepare("INSERT INTO rotations (version, started) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .bind(version, store.now),
  ]);
}

/** A run of the schedule: batches until nothing is left, or enough for one run. */
export async function rewrapInBackground(store: KeyStore, batches = 10): Promise<void> {
  const open = await store.database
    .prepare("SELECT count(*) AS n FROM rotations WHERE finished IS NULL")
    .first<number>("n");
  if (open === 0) return;
  const vault = { ...store, dataKeys: await openDataKeys(store) };
  for (let left = batches; left > 0; left--) {
    const { rows, broken } = await rewrapBatch(vault, "schedule");
    if (rows + broken === 0) return;
  }
}

export interface Rewrapped {
  readonly rows: number;
  /** Rows that did not open: left as they are, each with a security event. */
  readonly broken: number;
}

/**
 * Seals a bounded number of rows anew by the current key. Each row is only replaced where it still is what was read,
 * so a request that changes it at the same time wins.
 */
export async function rewrapBatch(
  vault: KeyStore & { readonly dataKeys: DataKeys },
  actor: Access["actor"],
  limit = REWRAP_BATCH,
): Promise<Rewrapped> {
  let [rows, broken] = [0, 0];
  for (const table of SEALED) {
    const batch = await staleRows(vault, table, limit);
    if (batch.length === 0) continue;
    // Logged before a number is in the clear, as every access is.
    await (
      await appendAccess(vault, {
        actor,
        act: "rewrap",
        object: `${table.name}: ${batch.length} to key ${vault.dataKeys.current}`,
        outcome: "granted",
      })
    ).run();
    const changes: D1PreparedStatement[] = [];
    for (const row of batch) {
      const change = await rewrapped(vault, table, row);
      if (change === undefined) broken++;
      else changes.push(change);
    }
    if (changes.length > 0) rows += sum(await vault.database.batch(changes));
  }
  await vault.database
    .prepare(`UPDATE rotations SET finished = ? WHERE finished IS NULL AND NOT EXISTS (${STALE})`)
    .bind(vault.now, vault.dataKeys.current, vault.dataKeys.current)
    .run();
  return { rows, broken };
}

const STALE = SEALED.map(
  ({ name, sealed }) => `SELECT 1 FROM ${name} WHERE ${sealed} IS NOT NULL AND key_version <> ?`,
).join(" UNION ALL ");

interface StaleRow {
  readonly id: string;
  readonly sealed: string;
  readonly version: number;
}

/** The next rows under an older key; at the table's end the walk begins anew, for those that did not open. */
async function staleRows(vault: KeyStore & { dataKeys: DataKeys }, table: SealedTable, limit: number) {
  const { database, dataKeys } = vault;
  const { name, key, sealed, cursor } = table;
  const from = await database
    .prepare(`SELECT ${cursor} AS at FROM rotations ORDER BY version DESC LIMIT 1`)
    .first<string>("at");
  const { results } = await database
    .prepare(
      `SELECT ${key} AS id, ${sealed} AS sealed, key_version AS version FROM ${name}
       WHERE ${sealed} IS NOT NULL AND key_version <> ? AND ${key} > ? ORDER BY ${key} LIMIT ?`,
    )
    .bind(dataKeys.current, from ?? "", limit)
    .all<StaleRow>();
  const next = results.length < limit ? "" : (results.at(-1)?.id ?? "");
  if (next !== from)
    await database
      .prepare(`UPDATE rotations SET ${cursor} = ? WHERE version = (SELECT max(version) FROM rotations)`)
      .bind(next)
      .run();
  return results;
}

async function rewrapped(
  vault: KeyStore & { readonly dataKeys: DataKeys },
  { name, key, sealed, place }: SealedTable,
  row: StaleRow,
): Promise<D1PreparedStatement | undefined> {
  const { cell, database, dataKeys } = vault;
  try {
    const plaintext = await openSealed(vault, place(cell, row.id, row.version), row.sealed);
    const anew = await seal(await dataKeys.get(dataKeys.current), place(cell, row.id, dataKeys.current), plaintext);
    plaintext.fill(0);
    return database
      .prepare(`UPDATE ${name} SET ${sealed} = ?, key_version = ? WHERE ${key} = ? AND ${sealed} = ? AND ${KEY_ALIVE}`)
      .bind(anew, dataKeys.current, row.id, row.sealed, dataKeys.current);
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

export type KeyInUse = Result<undefined, "not_found" | "key_in_use"> & { readonly rows?: number };

/**
 * Destroys a data key that seals nothing any more: one statement, so no row can come in between. The current one
 * always is in use.
 */
export async function destroyDataKey(store: KeyStore, version: number): Promise<KeyInUse> {
  const { database, now } = store;
  const inUse = SEALED.map(({ name }) => `(SELECT count(*) FROM ${name} WHERE key_version = ?1)`).join(" + ");
  const destroyed = await database
    .prepare(
      `UPDATE data_keys SET wrapped = '', destroyed = ?2 WHERE version = ?1 AND destroyed IS NULL AND ${inUse} = 0
       AND version < (SELECT max(version) FROM data_keys WHERE destroyed IS NULL)`,
    )
    .bind(version, now)
    .run();
  if (destroyed.meta.changes === 1) return ok();
  const rows = await database
    .prepare(`SELECT ${inUse} AS rows FROM data_keys WHERE version = ?1 AND destroyed IS NULL`)
    .bind(version)
    .first<number>("rows");
  return rows === null ? fail("not_found") : { ...fail("key_in_use"), rows };
}

function sum(results: readonly D1Result[]): number {
  return results.reduce((total, each) => total + each.meta.changes, 0);
}
