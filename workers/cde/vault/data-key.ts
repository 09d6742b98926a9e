import { desc } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { dataKeys } from "../schema.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";
import { SealBroken, seal, unseal } from "./seal.ts";

/** Data keys by version, unwrapped. */
export interface DataKeys {
  readonly current: number;
  get(version: number): CryptoKey;
}

/**
 * Reads and unwraps every data key; the first call of a cell makes version 1.
 * @throws SealBroken when one was wrapped by another key-encryption key than the two shares give
 */
export async function openDataKeys(
  database: D1Database,
  cell: string,
  kek: KeyEncryptionKey,
  now: number,
): Promise<DataKeys> {
  const vault = drizzle(database);
  const stored = () => vault.select().from(dataKeys).orderBy(desc(dataKeys.version));
  let rows = await stored();
  if (rows.length === 0) {
    const raw = crypto.getRandomValues(new Uint8Array(32));
    const wrapped = await seal(kek.key, place(cell, 1, kek), raw);
    raw.fill(0);
    // Two first calls at once: one key is kept, both read it.
    await vault
      .insert(dataKeys)
      .values({ version: 1, wrapped, kekCheck: kek.check, created: now })
      .onConflictDoNothing();
    rows = await stored();
  }
  const keys = new Map<number, CryptoKey>();
  for (const row of rows) {
    if (row.kekCheck !== kek.check) throw new SealBroken("the key shares are not the ones that wrapped the data key");
    const raw = await unseal(kek.key, place(cell, row.version, kek), row.wrapped);
    keys.set(row.version, await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]));
    raw.fill(0);
  }
  return {
    current: rows[0]?.version ?? 1,
    get(version) {
      const key = keys.get(version);
      if (key === undefined) throw new SealBroken(`there is no data key ${version}`);
      return key;
    },
  };
}

function place(cell: string, version: number, kek: KeyEncryptionKey) {
  return { cell, record: `data_keys/${version}`, field: "wrapped", keyVersion: kek.check };
}
