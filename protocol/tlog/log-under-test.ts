import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { Bytes } from "../bytes.ts";
import { ED25519, signerOf, type Algorithm, type Signer, type VerifierKey } from "./note.ts";
import type { Bucket, Sql } from "./storage.ts";
import { TiledLog, type LogParts } from "./tiled-log.ts";

/** A Durable Object's SQLite, in memory or in a file. */
export function sqlOf(database: DatabaseSync): Sql {
  return {
    exec: (query, ...bindings) => {
      if (bindings.length === 0 && query.includes(";")) {
        database.exec(query);
        return { toArray: () => [] };
      }
      const rows = database.prepare(query).all(...bindings);
      return { toArray: () => rows };
    },
  };
}

/** A bucket in memory. `fail` is asked before each call: what it throws, the bucket throws. */
export class MemoryBucket implements Bucket {
  readonly objects = new Map<string, Bytes>();
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];
  fail: (call: "get" | "put" | "delete", key: string) => void = () => {};

  async get(key: string): Promise<{ readonly bytes: Bytes; readonly etag: string } | null> {
    this.fail("get", key);
    const bytes = this.objects.get(key);
    return bytes === undefined ? null : { bytes: bytes.slice(), etag: etagOf(bytes) };
  }

  async put(key: string, bytes: Bytes, onlyIf: string | null): Promise<{ readonly etag: string } | null> {
    this.fail("put", key);
    const there = this.objects.get(key);
    if ((there === undefined ? null : etagOf(there)) !== onlyIf) return null;
    this.objects.set(key, bytes.slice());
    this.written.push(key);
    return { etag: etagOf(bytes) };
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.fail("delete", key);
      this.objects.delete(key);
    }
  }
}

export async function newSigner(name: string, algorithm: Algorithm = ED25519): Promise<Signer> {
  return signerOf(name, algorithm, JSON.stringify(await newKey()));
}

/** An Ed25519 private JWK. */
export async function newKey(): Promise<JsonWebKey> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  return crypto.subtle.exportKey("jwk", pair.privateKey);
}

export interface LogUnderTest {
  readonly log: TiledLog;
  readonly database: DatabaseSync;
  readonly bucket: MemoryBucket;
  readonly signer: Signer;
  /** The alarms that it asked for. */
  readonly armed: number[];
  /** Milliseconds since the epoch; stands still but when something moves it. */
  readonly clock: { now: number };
  /** What it would do later, now. */
  readonly runTimers: () => Promise<void>;
}

/** A log whose time stands still but in its pauses: what it puts off is done by `runTimers`. */
export async function startLog(
  parts: {
    readonly database?: DatabaseSync;
    readonly bucket?: MemoryBucket;
    readonly signer?: Signer;
    readonly witnesses?: readonly VerifierKey[];
    readonly clock?: { now: number };
    readonly pause?: LogParts["pause"];
  } = {},
): Promise<LogUnderTest> {
  const { database = new DatabaseSync(":memory:"), bucket = new MemoryBucket() } = parts;
  const signer = parts.signer ?? (await newSigner("log.example/test"));
  const armed: number[] = [];
  const clock = parts.clock ?? { now: 1_700_000_000_000 };
  let timers: { readonly after: number; readonly work: () => void }[] = [];
  const given: LogParts = {
    sql: sqlOf(database),
    bucket,
    signer: async () => signer,
    witnesses: async () => parts.witnesses ?? [],
    arm: (at) => void armed.push(at),
    later: (after, work) => void timers.push({ after, work }),
    pause: parts.pause ?? (async (milliseconds) => void (clock.now += milliseconds)),
    now: () => clock.now,
  };
  const log = new TiledLog(given);
  return {
    log,
    database,
    bucket,
    signer,
    armed,
    clock,
    runTimers: async () => {
      const due = timers;
      timers = [];
      // A batch is published before whoever waits for it gives up.
      for (const { after, work } of due) if (after < 1_000) work();
      await log.wake();
      for (const { after, work } of due) if (after >= 1_000) work();
    },
  };
}

/** A log with these entries, published. */
export async function logOf(
  entries: readonly string[],
  parts: Parameters<typeof startLog>[0] = {},
): Promise<LogUnderTest> {
  const made = await startLog(parts);
  for (const entry of entries) await made.log.append(entry);
  await made.runTimers();
  return made;
}

function etagOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
