import { foldRefund, type Refund, type RefundEvent } from "./refund.ts";

/** One receipt's refunds: rows that are only ever added; the refunds are what folding them gives. */
export class RefundRows {
  readonly #sql: SqlStorage;
  #refunds: Refund[] | undefined;
  /** How many rows each refund has. */
  #steps: number[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get all(): readonly Refund[] {
    return (this.#refunds ??= this.#load());
  }

  /** The object's storage is deleted: nothing is known any more. */
  forget(): void {
    this.#refunds = undefined;
    this.#steps = [];
  }

  begin(event: Extract<RefundEvent, { type: "meant" }>, at: number): number {
    const number = this.all.length;
    this.#create();
    this.#append(number, 0, event, at);
    this.#steps.push(1);
    this.#refunds?.push(foldRefund(null, event, at));
    return number;
  }

  outcome(number: number, event: Exclude<RefundEvent, { type: "meant" }>, at: number): void {
    const refund = this.all[number];
    if (refund === undefined || this.#refunds === undefined) throw new Error("no refund to record an outcome of");
    const step = this.#steps[number] ?? 1;
    this.#append(number, step, event, at);
    this.#steps[number] = step + 1;
    this.#refunds[number] = foldRefund(refund, event, at);
  }

  #append(number: number, step: number, event: RefundEvent, at: number): void {
    this.#sql.exec(
      "INSERT INTO refunds (number, step, at, event) VALUES (?, ?, ?, ?)",
      number,
      step,
      at,
      JSON.stringify(event),
    );
  }

  #create(): void {
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS refunds (number INTEGER, step INTEGER, at INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (number, step)) WITHOUT ROWID",
    );
  }

  /** A receipt that was only asked about has no table, so its object stays empty. */
  #load(): Refund[] {
    this.#steps = [];
    const known = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'refunds'").toArray();
    if (known.length === 0) return [];
    const refunds: Refund[] = [];
    for (const row of this.#sql.exec<StoredStep>("SELECT * FROM refunds ORDER BY number, step")) {
      refunds[row.number] = foldRefund(refunds[row.number] ?? null, JSON.parse(row.event) as RefundEvent, row.at);
      this.#steps[row.number] = row.step + 1;
    }
    return refunds;
  }
}

interface StoredStep extends Record<string, SqlStorageValue> {
  number: number;
  step: number;
  at: number;
  event: string;
}
