import type { Row, TripEvent } from "./events.ts";

/** Reads and writes one session's rows and counts what they cost (rows written are most of the bill). */
export class Journal {
  readonly #sql: SqlStorage;
  /**
   * Rows billed since the session was opened. Each row carries the count so far, as the object sleeps between two
   * scans and the count with it; an alarm that was set just before it fell asleep is not in it.
   */
  written = 0;
  read = 0;
  #resumed = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether a session was ever opened here; an object that was only asked for has no table and stays empty. */
  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal'").toArray().length > 0;
  }

  create(): void {
    // Text-free key and WITHOUT ROWID: one row written a message, no second index.
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS journal (seq INTEGER, step INTEGER, boot INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, frame BLOB, answer BLOB, PRIMARY KEY (seq, step)) WITHOUT ROWID",
    );
  }

  append(row: Row): void {
    const cursor = this.#sql.exec(
      "INSERT INTO journal (seq, step, boot, at, event, frame, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.seq,
      row.step,
      row.boot,
      row.at,
      JSON.stringify({ ...row.event, meter: { written: this.written + 1, read: this.read } } satisfies StoredEvent),
      row.frame,
      row.answer,
    );
    this.written += cursor.rowsWritten;
  }

  /** Takes back a row whose frame was refused after all: a refusal changes nothing. */
  withdraw(seq: number, step: number): void {
    this.written += this.#sql.exec("DELETE FROM journal WHERE seq = ? AND step = ?", seq, step).rowsWritten;
  }

  /** Takes the one-trip number out of every row that has one; the rows stay, so that replaying goes on as before. */
  forgetCustomers(): void {
    this.written += this.#sql.exec(
      `UPDATE journal SET event = json_set(event, '$.customer', NULL) WHERE ${NAMED}`,
    ).rowsWritten;
  }

  countCustomers(): number {
    return this.#sql.exec<{ n: number }>(`SELECT count(*) AS n FROM journal WHERE ${NAMED}`).one().n;
  }

  /** Every row, in order of (seq, step). */
  rows(): Row[] {
    return this.#select("SELECT * FROM journal ORDER BY seq, step");
  }

  /** The frame of a number and its outcomes. */
  rowsOf(seq: number): Row[] {
    return this.#select("SELECT * FROM journal WHERE seq = ? ORDER BY step", seq);
  }

  #select(query: string, ...values: number[]): Row[] {
    const cursor = this.#sql.exec<StoredRow>(query, ...values);
    const meters: Meter[] = [];
    const rows = cursor.toArray().map((stored) => {
      const { meter, ...event } = JSON.parse(stored.event) as StoredEvent;
      if (meter !== undefined) meters.push(meter);
      return {
        seq: stored.seq,
        step: stored.step,
        boot: stored.boot,
        at: stored.at,
        event: event as TripEvent,
        frame: bytes(stored.frame),
        answer: bytes(stored.answer),
      };
    });
    this.#resume(meters);
    this.read += cursor.rowsRead;
    return rows;
  }

  /** The first look at the rows after waking goes on from the count that they carry. */
  #resume(meters: readonly Meter[]): void {
    if (this.#resumed) return;
    this.#resumed = true;
    this.written += Math.max(0, ...meters.map(({ written }) => written));
    this.read += Math.max(0, ...meters.map(({ read }) => read));
  }
}

/** Rows that name who the shopper is. */
const NAMED = "json_extract(event, '$.customer') IS NOT NULL";

interface Meter {
  readonly written: number;
  readonly read: number;
}

type StoredEvent = TripEvent & { readonly meter?: Meter };

interface StoredRow extends Record<string, SqlStorageValue> {
  seq: number;
  step: number;
  boot: number;
  at: number;
  event: string;
  frame: ArrayBuffer | null;
  answer: ArrayBuffer | null;
}

function bytes(blob: ArrayBuffer | null): Uint8Array | null {
  return blob === null ? null : new Uint8Array(blob);
}
