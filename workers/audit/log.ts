import { DurableObject } from "cloudflare:workers";
import type { AuditAct, AuditEntry } from "../../protocol/rooms/audit.ts";
import { type Chain, EMPTY, append, canonical } from "./chain.ts";
import type { Env } from "./env.ts";
import { SEGMENT, segmentKey, toNdjson } from "./segment.ts";

/** Refuses in the store itself what no code here does: changing or removing an entry. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (i INTEGER PRIMARY KEY, entry TEXT NOT NULL, head TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS copied (first INTEGER PRIMARY KEY);
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_last BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
`;

/**
 * The one writer of a cell's log. An entry is one row; the answer leaves only when the row is durable (output gate).
 * Failure policy: closed. When the row can't be written the call throws, and the entrypoint says `unavailable`.
 */
export class AuditLog extends DurableObject<Env> {
  #chain: Chain;
  /** Hashing is asynchronous, so appends queue: two that read one head would fork the chain. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(SCHEMA);
    const [last] = ctx.storage.sql
      .exec<{ i: number; head: string }>("SELECT i, head FROM entries ORDER BY i DESC LIMIT 1")
      .toArray();
    this.#chain = last === undefined ? EMPTY : { size: last.i + 1, head: last.head };
  }

  /** @param act already admitted; @returns the entry's index, gapless from 0 */
  async append(act: AuditAct): Promise<number> {
    const mine = this.#turn.then(() => this.#write(act));
    this.#turn = mine.catch(() => {});
    return await mine;
  }

  /** Entries from an index on, oldest first, with the log's size and head at this moment and how many are copied. */
  async read(
    from: number,
    limit: number,
  ): Promise<{ readonly entries: AuditEntry[]; readonly copied: number } & Chain> {
    return { entries: this.#entries(from, limit), copied: this.#copied(), ...this.#chain };
  }

  /** Copies every complete segment that has no copy yet; runs again at the next segment if R2 stays away. */
  override async alarm(): Promise<void> {
    for (let first = this.#copied(); first + SEGMENT <= this.#chain.size; first += SEGMENT) {
      const body = toNdjson(this.#entries(first, SEGMENT));
      const onlyIf = new Headers({ "if-none-match": "*" });
      const written = await this.env.TILES.put(segmentKey(first), body, { onlyIf });
      const there = written === null ? await (await this.env.TILES.get(segmentKey(first)))?.text() : body;
      if (there !== body) throw new Error(`the copy of entries from ${first} says something else`);
      this.ctx.storage.sql.exec("INSERT OR IGNORE INTO copied (first) VALUES (?)", first);
    }
  }

  async #write(act: AuditAct): Promise<number> {
    const index = this.#chain.size;
    const next = await append(this.#chain, act);
    this.ctx.storage.sql.exec(
      "INSERT INTO entries (i, entry, head) VALUES (?, ?, ?)",
      index,
      canonical(index, act),
      next.head,
    );
    this.#chain = next;
    // One alarm a segment: arming it bills a row, too.
    if (next.size % SEGMENT === 0) void this.ctx.storage.setAlarm(Date.now());
    return index;
  }

  #entries(from: number, limit: number): AuditEntry[] {
    return this.ctx.storage.sql
      .exec<{ entry: string; head: string }>(
        "SELECT entry, head FROM entries WHERE i >= ? ORDER BY i LIMIT ?",
        from,
        limit,
      )
      .toArray()
      .map(({ entry, head }) => ({ ...(JSON.parse(entry) as Omit<AuditEntry, "head">), head }));
  }

  #copied(): number {
    const { first } = this.ctx.storage.sql
      .exec<{ first: number | null }>("SELECT max(first) AS first FROM copied")
      .one();
    return first === null ? 0 : first + SEGMENT;
  }
}
