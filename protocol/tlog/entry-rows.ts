import type { Sql } from "./storage.ts";

/** Refuses in the store itself what no code here does: changing an entry, or removing one that was not pruned. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS leaves (i INTEGER PRIMARY KEY, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS published
  (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root TEXT NOT NULL, minimum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pruning (one INTEGER PRIMARY KEY CHECK (one = 1), announced INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cosigned (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS leaves_stay BEFORE UPDATE ON leaves BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS leaves_last BEFORE DELETE ON leaves
  WHEN OLD.i >= coalesce((SELECT minimum FROM published), 0) BEGIN SELECT RAISE(ABORT, 'append-only'); END;
`;

/** Cosigned checkpoints that are kept: the witnesses' latest few. */
const KEPT_COSIGNED = 8;

/** What the object knows of its last published checkpoint. */
export interface Published {
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/** A log's rows in its object: one an entry, one for what was published, a few for what witnesses cosigned. */
export class EntryRows {
  readonly #sql: Sql;
  #size: number;
  #minimum: number;
  #announced: number;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(SCHEMA);
    this.#minimum = Number(sql.exec("SELECT minimum FROM published").toArray()[0]?.["minimum"] ?? 0);
    const announced = sql.exec("SELECT announced FROM pruning").toArray()[0]?.["announced"];
    this.#announced = Math.max(this.#minimum, Number(announced ?? 0));
    const last = sql.exec("SELECT max(i) AS last FROM leaves").toArray()[0]?.["last"];
    this.#size = typeof last === "number" ? last + 1 : this.#minimum;
  }

  /** Entries that are durable, sequenced or not. */
  get size(): number {
    return this.#size;
  }

  /** Entries below it were pruned. */
  get minimum(): number {
    return this.#minimum;
  }

  /** Up to where an entry says that the log is pruned; above `minimum` while that is not done. */
  get announced(): number {
    return this.#announced;
  }

  /** One row written; @returns its index, gapless from 0 */
  append(entry: string): number {
    this.#sql.exec("INSERT INTO leaves (i, entry) VALUES (?, ?)", this.#size, entry);
    this.#size += 1;
    return this.#size - 1;
  }

  /** The entries `from`..`to` (exclusive) that are there, by index. */
  read(from: number, to: number): readonly { readonly index: number; readonly entry: string }[] {
    return this.#sql
      .exec("SELECT i, entry FROM leaves WHERE i >= ? AND i < ? ORDER BY i", from, to)
      .toArray()
      .map(({ i, entry }) => ({ index: Number(i), entry: String(entry) }));
  }

  published(): Published | null {
    const [row] = this.#sql.exec("SELECT size, root FROM published").toArray();
    return row === undefined ? null : { size: Number(row["size"]), root: String(row["root"]) };
  }

  setPublished({ size, root }: Published): void {
    this.#sql.exec(
      `INSERT INTO published (one, size, root, minimum) VALUES (1, ?, ?, 0)
       ON CONFLICT (one) DO UPDATE SET size = excluded.size, root = excluded.root`,
      size,
      root,
    );
  }

  /** The entry that says so is appended, and this noted, in one transaction, as nothing is awaited between them. */
  announce(act: string, to: number): void {
    this.append(act);
    this.#sql.exec(
      "INSERT INTO pruning (one, announced) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET announced = excluded.announced",
      to,
    );
    this.#announced = to;
  }

  /** Removes what lies below; both statements are one transaction, too. It never goes back. */
  setMinimum(minimum: number): void {
    if (minimum <= this.#minimum) return;
    this.#sql.exec("UPDATE published SET minimum = ?", minimum);
    this.#sql.exec("DELETE FROM leaves WHERE i < ?", minimum);
    this.#minimum = minimum;
  }

  /** Newest first. */
  cosigned(): readonly { readonly size: number; readonly note: string }[] {
    return this.#sql
      .exec("SELECT size, note FROM cosigned ORDER BY size DESC")
      .toArray()
      .map(({ size, note }) => ({ size: Number(size), note: String(note) }));
  }

  setCosigned(size: number, note: string): void {
    this.#sql.exec(
      "INSERT INTO cosigned (size, note) VALUES (?, ?) ON CONFLICT (size) DO UPDATE SET note = excluded.note",
      size,
      note,
    );
    this.#sql.exec(
      "DELETE FROM cosigned WHERE size NOT IN (SELECT size FROM cosigned ORDER BY size DESC LIMIT ?)",
      KEPT_COSIGNED,
    );
  }
}
