import { desc } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { dataKeys } from "../schema.ts";
import { KeyShareError, type KeyEncryptionKey, type KeyEncryptionKeys } from "./key-encryption-key.ts";
import { SealBroken, seal, unseal, type Place } from "./seal.ts";
import { securityEvent } from "./security-event.ts";
import type { AccessWriter } from "./vault.ts";

/** Where data keys lie, and what opens them. */
export interface KeyStore {
  readonly log: AccessWriter;
  readonly database: D1Database;
  readonly cell: string;
  readonly keks: KeyEncryptionKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Data keys by version. Each request reads them anew, so a rotation counts at once in every isolate; what was read
 * stays good for the request, even when a key is destroyed meanwhile.
 */
export interface DataKeys {
  /** Seals what is new. */
  readonly current: number;
  /** @throws SealBroken, KeyShareError */
  get(version: number): Promise<CryptoKey>;
}

type Row = typeof dataKeys.$inferSelect;

/** Guards every write of a sealed value: a request that was slow must not bring back a key that was destroyed. */
export const KEY_ALIVE = "EXISTS (SELECT 1 FROM data_keys WHERE version = ? AND destroyed IS NULL)";

/** Reads the data keys; the first call of a cell makes version 1. */
export async function openDataKeys(store: KeyStore): Promise<DataKeys> {
  let rows = await liveKeys(store);
  if (rows.length === 0) {
    // Two first calls at once: one key is kept, both read it.
    await (await newDataKey(store, 1)).run();
    rows = await liveKeys(store);
  }
  const current = rows[0]?.version;
  if (current === undefined) throw new SealBroken("no data key is left");
  return {
    current,
    async get(version) {
      const find = () => rows.find((row) => row.version === version);
      // A row may be sealed by a key that is younger than this request.
      if (find() === undefined) rows = [...rows, ...(await liveKeys(store))];
      const row = find();
      if (row === undefined) throw new SealBroken(`there is no data key ${version}`);
      const raw = await unwrap(store, row);
      const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
      raw.fill(0);
      return key;
    },
  };
}

/** Newest first, without the destroyed ones. */
export async function liveKeys({ database }: Pick<KeyStore, "database">): Promise<Row[]> {
  const rows = await drizzle(database).select().from(dataKeys).orderBy(desc(dataKeys.version));
  return rows.filter((row) => row.destroyed === null);
}

/** The statement that adds a new random data key; none when the version is taken. */
export async function newDataKey(store: KeyStore, version: number): Promise<D1PreparedStatement> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await wrap(store, version, raw);
  raw.fill(0);
  return store.database
    .prepare(
      "INSERT INTO data_keys (version, wrapped, kek_check, created) VALUES (?, ?, ?, ?) ON CONFLICT (version) DO NOTHING",
    )
    .bind(version, wrapped, store.keks.newest.check, store.now);
}

/** Wraps every live data key by the newest key-encryption key; an older one is then no longer needed. */
export async function rewrapDataKeys(store: KeyStore): Promise<void> {
  const { newest } = store.keks;
  for (const row of await liveKeys(store)) {
    if (row.kekCheck === newest.check) continue;
    const raw = await unwrap(store, row);
    const wrapped = await wrap(store, row.version, raw);
    raw.fill(0);
    await store.database
      .prepare("UPDATE data_keys SET wrapped = ?, kek_check = ? WHERE version = ? AND wrapped = ?")
      .bind(wrapped, newest.check, row.version, row.wrapped)
      .run();
  }
}

/** The raw key: the caller overwrites it. */
async function unwrap(store: KeyStore, row: Row): Promise<Uint8Array<ArrayBuffer>> {
  const place = placeOf(store.cell, row.version, row.kekCheck);
  const kek = store.keks.all.find((each) => each.check === row.kekCheck);
  const [waiting] = store.keks.waiting;
  if (kek === undefined && waiting !== undefined)
    throw new KeyShareError(
      `KEK_SHARE_${waiting.missing} of version ${waiting.version} is missing (share ${waiting.missing})`,
    );
  try {
    if (kek === undefined) throw new SealBroken("the key shares are not the ones that wrapped the data key");
    return await unseal(kek.key, place, row.wrapped);
  } catch (error) {
    if (error instanceof SealBroken) await securityEvent(store, place).run();
    throw error;
  }
}

function wrap({ cell, keks }: KeyStore, version: number, raw: Uint8Array<ArrayBuffer>): Promise<string> {
  const kek: KeyEncryptionKey = keks.newest;
  return seal(kek.key, placeOf(cell, version, kek.check), raw);
}

function placeOf(cell: string, version: number, check: string): Place {
  return { cell, record: `data_keys/${version}`, field: "wrapped", keyVersion: check };
}
