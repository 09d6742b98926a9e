import type { EmvBlock } from "../../../protocol/pay/contract.ts";
import type { Behaviour, Operation } from "./behaviour.ts";
import type { Arming } from "./requests.ts";

type State = "authorized" | "declined" | "captured" | "voided";

export interface PaymentRow {
  readonly reference: string;
  readonly handoff: string;
  readonly requestedMinor: number;
  readonly authorizedMinor: number;
  readonly currency: string;
  readonly terminal: string;
  readonly store: string;
  readonly state: State;
  /** null: the card was not present. */
  readonly emv: EmvBlock | null;
  readonly created: number;
  /** Before this the answer is "processing". */
  readonly decided: number;
}

/** One delivery of a webhook; two of one event have its id both. */
export interface Webhook {
  readonly id: number;
  readonly event: string;
  readonly type: string;
  readonly payment: string;
  /** Milliseconds since the epoch. */
  readonly due: number;
  readonly attempts: number;
}

type Columns = Record<string, string | number | null>;

/** The acquirer's books. No PAN is ever in them: a payment keeps the last four digits. */
export class Ledger {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS payments (
      reference TEXT PRIMARY KEY, handoff TEXT NOT NULL, requested_minor INTEGER NOT NULL, authorized_minor INTEGER NOT NULL,
      currency TEXT NOT NULL, terminal TEXT NOT NULL, store TEXT NOT NULL, state TEXT NOT NULL, emv TEXT NOT NULL,
      created INTEGER NOT NULL, decided INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS payments_handoff ON payments (handoff);
      CREATE TABLE IF NOT EXISTS movements (id INTEGER PRIMARY KEY, reference TEXT NOT NULL, kind TEXT NOT NULL, minor INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, digest TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, handoff TEXT, operation TEXT NOT NULL, behaviour TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS webhooks (id INTEGER PRIMARY KEY, event TEXT NOT NULL, type TEXT NOT NULL, payment TEXT NOT NULL,
      due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);`);
  }

  add(row: PaymentRow): void {
    this.#sql.exec(
      "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.reference,
      row.handoff,
      row.requestedMinor,
      row.authorizedMinor,
      row.currency,
      row.terminal,
      row.store,
      row.state,
      JSON.stringify(row.emv),
      row.created,
      row.decided,
    );
  }

  payment(reference: string): PaymentRow | undefined {
    return this.#rows("SELECT * FROM payments WHERE reference = ?", reference)[0];
  }

  ofHandoff(handoff: string): PaymentRow[] {
    return this.#rows("SELECT * FROM payments WHERE handoff = ? ORDER BY created, reference", handoff);
  }

  move(reference: string, kind: "capture" | "refund", minor: number): void {
    this.#sql.exec("INSERT INTO movements (reference, kind, minor) VALUES (?, ?, ?)", reference, kind, minor);
  }

  /** How many movements of a kind a payment has, and their sum in minor units. */
  moved(reference: string, kind: "capture" | "refund"): { count: number; minor: number } {
    const row = this.#sql
      .exec<Columns>(
        "SELECT count(*) AS count, coalesce(sum(minor), 0) AS minor FROM movements WHERE reference = ? AND kind = ?",
        reference,
        kind,
      )
      .one();
    return { count: Number(row["count"]), minor: Number(row["minor"]) };
  }

  setState(reference: string, state: State): void {
    this.#sql.exec("UPDATE payments SET state = ? WHERE reference = ?", state, reference);
  }

  /** Puts a webhook's delivery down, to be made from `due` on. */
  announce(webhook: Omit<Webhook, "id" | "attempts">): void {
    const { event, type, payment, due } = webhook;
    this.#sql.exec("INSERT INTO webhooks (event, type, payment, due) VALUES (?, ?, ?, ?)", event, type, payment, due);
  }

  /** Deliveries that are still to be made, the first due first. */
  announced(): Webhook[] {
    return this.#sql
      .exec<Columns>("SELECT * FROM webhooks ORDER BY due, id")
      .toArray()
      .map((row) => ({
        id: Number(row["id"]),
        event: String(row["event"]),
        type: String(row["type"]),
        payment: String(row["payment"]),
        due: Number(row["due"]),
        attempts: Number(row["attempts"]),
      }));
  }

  delivered(id: number): void {
    this.#sql.exec("DELETE FROM webhooks WHERE id = ?", id);
  }

  postpone(id: number, due: number): void {
    this.#sql.exec("UPDATE webhooks SET due = ?, attempts = attempts + 1 WHERE id = ?", due, id);
  }

  /** What the same idempotency key was answered before. */
  answered(key: string): { digest: string; status: number; body: string } | undefined {
    const row = this.#sql.exec<Columns>("SELECT * FROM answers WHERE key = ?", key).toArray()[0];
    return row && { digest: String(row["digest"]), status: Number(row["status"]), body: String(row["body"]) };
  }

  answer(key: string, digest: string, status: number, body: string): void {
    this.#sql.exec("INSERT INTO answers VALUES (?, ?, ?, ?)", key, digest, status, body);
  }

  arm(arming: Arming): void {
    this.#sql.exec(
      "INSERT INTO behaviours (handoff, operation, behaviour) VALUES (?, ?, ?)",
      arming.handoff,
      arming.operation,
      arming.behaviour,
    );
  }

  /** The behaviour armed for this call, used up by taking it; one that names the hand-off goes first. */
  take(operation: Operation, handoff: string): Behaviour | undefined {
    const row = this.#sql
      .exec<Columns>(
        "DELETE FROM behaviours WHERE id = (SELECT id FROM behaviours WHERE operation = ? AND (handoff = ? OR handoff IS NULL) ORDER BY handoff IS NULL, id LIMIT 1) RETURNING behaviour",
        operation,
        handoff,
      )
      .toArray()[0];
    return row && (String(row["behaviour"]) as Behaviour);
  }

  #rows(query: string, ...values: string[]): PaymentRow[] {
    return this.#sql
      .exec<Columns>(query, ...values)
      .toArray()
      .map((row) => ({
        reference: String(row["reference"]),
        handoff: String(row["handoff"]),
        requestedMinor: Number(row["requested_minor"]),
        authorizedMinor: Number(row["authorized_minor"]),
        currency: String(row["currency"]),
        terminal: String(row["terminal"]),
        store: String(row["store"]),
        state: String(row["state"]) as State,
        emv: JSON.parse(String(row["emv"])) as EmvBlock | null,
        created: Number(row["created"]),
        decided: Number(row["decided"]),
      }));
  }
}
