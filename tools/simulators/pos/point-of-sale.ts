import { DurableObject } from "cloudflare:workers";
import { fiscalText } from "./fiscal.ts";
import { rulesOf, taxBasket } from "./tax.ts";
import type { NoticeMessage } from "./privacy-notice.ts";
import { refundFigures } from "./refund.ts";
import type {
  Behaviour,
  BehaviourRequest,
  PosAnswer,
  QuoteRequest,
  RefundQuoteRequest,
  RefundRequest,
  SaleRequest,
} from "./wire.ts";

type Endpoint = BehaviourRequest["on"];

/** Longer than any caller waits. */
const TOO_LONG_MS = 8_000;

/** One store's POS: its quotes, its sales in one sequence, and the answers it gave, by idempotency key. */
export class PointOfSale extends DurableObject<PosBindings> {
  readonly #sql: SqlStorage;

  constructor(state: DurableObjectState, env: PosBindings) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS answers (endpoint TEXT, key TEXT, request TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (endpoint, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS quotes (quote TEXT PRIMARY KEY, request TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS sales (number INTEGER PRIMARY KEY AUTOINCREMENT, quote TEXT NOT NULL UNIQUE, total_minor INTEGER NOT NULL, currency TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS refund_quotes (quote TEXT PRIMARY KEY, sale INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS refunds (number INTEGER PRIMARY KEY AUTOINCREMENT, sale INTEGER NOT NULL, quote TEXT NOT NULL UNIQUE, lines TEXT NOT NULL, total_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, currency TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS notices (number INTEGER PRIMARY KEY AUTOINCREMENT, notice TEXT NOT NULL UNIQUE, message TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, behaviour TEXT NOT NULL);`);
  }

  async behave({ behaviour, on, times }: BehaviourRequest): Promise<PosAnswer> {
    for (let each = 0; each < times; each++)
      this.#sql.exec("INSERT INTO behaviours (endpoint, behaviour) VALUES (?, ?)", on, behaviour);
    return { status: 200, body: { behaviour, on, times } };
  }

  /** What was sold, for whoever reconciles. */
  async sales(): Promise<PosAnswer> {
    return { status: 200, body: { sales: this.#sql.exec("SELECT * FROM sales ORDER BY number").toArray() } };
  }

  async quote(key: string, request: QuoteRequest): Promise<PosAnswer> {
    return this.#answer("quotes", key, request, (behaviour) => {
      const rules = rulesOf(request.country);
      if (rules === undefined || rules.included !== request.tax_included) return refusal("country");
      const known = new Set(rules.taxes.flatMap((tax) => Object.keys(tax.rates)));
      if (request.lines.some((line) => !known.has(line.tax_class))) return refusal("tax_class");
      const taxed = taxBasket(
        request.lines.map((line) => ({ taxClass: line.tax_class, totalMinor: line.total_minor })),
        rules,
      );
      const body = {
        quote: crypto.randomUUID(),
        currency: request.currency,
        total_minor: taxed.totalMinor + (behaviour === "wrong_total" ? 1 : 0),
        net_minor: taxed.netMinor,
        tax_minor: taxed.taxMinor,
        taxes: taxed.taxes.map((tax) => ({
          name: tax.name,
          rate_basis_points: tax.rateBasisPoints,
          net_minor: tax.netMinor,
          tax_minor: tax.taxMinor,
        })),
        lines: request.lines,
      };
      this.#sql.exec(
        "INSERT INTO quotes (quote, request, body) VALUES (?, ?, ?)",
        body.quote,
        JSON.stringify(request),
        JSON.stringify(body),
      );
      return { status: 200, body };
    });
  }

  async sell(key: string, request: SaleRequest): Promise<PosAnswer> {
    const row = this.#sql.exec<Kept>("SELECT request, body FROM quotes WHERE quote = ?", request.quote).toArray()[0];
    if (row === undefined) return refusal("quote");
    const basket = JSON.parse(row.request) as QuoteRequest;
    const quoted = JSON.parse(row.body) as QuotedBody;
    if (quoted.total_minor !== request.total_minor || quoted.currency !== request.currency) return refusal("total");
    const number = this.#nextNumber();
    const fiscal = await fiscalText({
      store: request.store,
      country: basket.country,
      currency: request.currency,
      transaction: number,
      startedAt: request.started_at,
      paidAt: request.paid_at,
      gross: grossByRate(quoted),
      totalMinor: request.total_minor,
    });
    return this.#answer("sales", key, request, (behaviour) => {
      const sold = this.#sql.exec("SELECT number FROM sales WHERE quote = ?", request.quote).toArray();
      if (sold.length > 0) return refusal("sold");
      if (number !== this.#nextNumber()) return { status: 503, body: { code: "busy" } };
      const body = {
        transaction: `${request.store}-${String(number).padStart(6, "0")}`,
        fiscal,
        currency: request.currency,
        total_minor: request.total_minor + (behaviour === "wrong_total" ? 1 : 0),
      };
      this.#sql.exec(
        "INSERT INTO sales (quote, total_minor, currency) VALUES (?, ?, ?)",
        request.quote,
        request.total_minor,
        request.currency,
      );
      return { status: 200, body };
    });
  }

  /** Keeps what the platform tells of a member; the acknowledgement is the recipient's own. */
  async takeNotice(key: string, message: NoticeMessage): Promise<PosAnswer> {
    return this.#answer("privacy-notices", key, message, () => {
      this.#sql.exec("INSERT INTO notices (notice, message) VALUES (?, ?)", message.notice, JSON.stringify(message));
      return { status: 200, body: { acknowledgement: crypto.randomUUID() } };
    });
  }

  /** What it was told of its members, first to last. */
  async notices(): Promise<PosAnswer> {
    const rows = this.#sql.exec<{ message: string }>("SELECT message FROM notices ORDER BY number").toArray();
    return { status: 200, body: { notices: rows.map(({ message }) => JSON.parse(message) as unknown) } };
  }

  /** What was taken back, for whoever reconciles. */
  async refunds(): Promise<PosAnswer> {
    return { status: 200, body: { refunds: this.#sql.exec("SELECT * FROM refunds ORDER BY number").toArray() } };
  }

  async quoteRefund(key: string, request: RefundQuoteRequest): Promise<PosAnswer> {
    return this.#answer("refund-quotes", key, request, () => {
      const number = Number(/^.*-(\d{6,})$/.exec(request.transaction)?.[1] ?? 0);
      const sold = this.#sql
        .exec<Kept>(
          "SELECT q.request AS request, q.body AS body FROM sales AS s JOIN quotes AS q ON q.quote = s.quote WHERE s.number = ?",
          number,
        )
        .toArray()[0];
      if (sold === undefined) return refusal("transaction");
      const basket = JSON.parse(sold.request) as QuoteRequest;
      const figures = refundFigures(basket, this.#takenBack(number), request.lines);
      if (figures === undefined) return refusal("lines");
      const body = {
        quote: crypto.randomUUID(),
        currency: basket.currency,
        total_minor: figures.totalMinor,
        net_minor: figures.netMinor,
        tax_minor: figures.taxMinor,
        taxes: figures.taxes.map((tax) => ({
          name: tax.name,
          rate_basis_points: tax.rateBasisPoints,
          net_minor: tax.netMinor,
          tax_minor: tax.taxMinor,
        })),
        lines: figures.lines,
      };
      this.#sql.exec("INSERT INTO refund_quotes VALUES (?, ?, ?)", body.quote, number, JSON.stringify(body));
      return { status: 200, body };
    });
  }

  async refund(key: string, request: RefundRequest): Promise<PosAnswer> {
    return this.#answer("refunds", key, request, (behaviour) => {
      const row = this.#sql
        .exec<{ sale: number; body: string }>("SELECT sale, body FROM refund_quotes WHERE quote = ?", request.quote)
        .toArray()[0];
      if (row === undefined) return refusal("quote");
      const quoted = JSON.parse(row.body) as QuotedBody & RefundedLines;
      if (quoted.total_minor !== request.total_minor || quoted.currency !== request.currency) return refusal("total");
      if (!this.#isLeft(row.sale, quoted)) return refusal("lines");
      this.#sql.exec(
        "INSERT INTO refunds (sale, quote, lines, total_minor, tax_minor, currency) VALUES (?, ?, ?, ?, ?, ?)",
        row.sale,
        request.quote,
        JSON.stringify(quoted.lines.map(({ line, quantity }) => ({ line, quantity }))),
        request.total_minor,
        quoted.tax_minor,
        request.currency,
      );
      const number = Number(this.#sql.exec("SELECT max(number) AS number FROM refunds").one()["number"]);
      const transaction = `${request.store}-R${String(number).padStart(6, "0")}`;
      const total = request.total_minor + (behaviour === "wrong_total" ? 1 : 0);
      return { status: 200, body: { transaction, fiscal: null, currency: request.currency, total_minor: total } };
    });
  }

  /** Pieces that went back, by line. */
  #takenBack(sale: number): Map<number, number> {
    const back = new Map<number, number>();
    for (const row of this.#sql.exec<{ lines: string }>("SELECT lines FROM refunds WHERE sale = ?", sale))
      for (const { line, quantity } of JSON.parse(row.lines) as RefundedLines["lines"])
        back.set(line, (back.get(line) ?? 0) + quantity);
    return back;
  }

  /** A quote is as good as the day it was given: what went back since is not there to go back again. */
  #isLeft(sale: number, { lines }: RefundedLines): boolean {
    const sold = this.#sql
      .exec<{ request: string }>(
        "SELECT q.request AS request FROM sales AS s JOIN quotes AS q ON q.quote = s.quote WHERE s.number = ?",
        sale,
      )
      .one();
    return refundFigures(JSON.parse(sold.request) as QuoteRequest, this.#takenBack(sale), lines) !== undefined;
  }

  /**
   * The same key and request get the same answer, another request under the key 422. `fail_once` fails before
   * anything is done; `time_out` does the work and answers too late, which is the harder case for a caller.
   */
  async #answer(
    endpoint: Endpoint,
    key: string,
    request: object,
    act: (behaviour: Behaviour | null) => PosAnswer,
  ): Promise<PosAnswer> {
    const behaviour = this.#takeBehaviour(endpoint);
    if (behaviour === "fail_once") return { status: 500, body: { code: "failed" } };
    const answer = this.#once(endpoint, key, JSON.stringify(request), () => act(behaviour));
    if (behaviour === "time_out") await scheduler.wait(TOO_LONG_MS);
    return answer;
  }

  #once(endpoint: Endpoint, key: string, request: string, act: () => PosAnswer): PosAnswer {
    const before = this.#sql
      .exec<Kept>("SELECT request, body FROM answers WHERE endpoint = ? AND key = ?", endpoint, key)
      .toArray()[0];
    if (before !== undefined)
      return before.request === request
        ? { status: 200, body: JSON.parse(before.body) as object }
        : refusal("idempotency_key");
    const answer = act();
    if (answer.status === 200)
      this.#sql.exec("INSERT INTO answers VALUES (?, ?, ?, ?)", endpoint, key, request, JSON.stringify(answer.body));
    return answer;
  }

  #takeBehaviour(endpoint: Endpoint): Behaviour | null {
    const row = this.#sql
      .exec("SELECT id, behaviour FROM behaviours WHERE endpoint = ? ORDER BY id LIMIT 1", endpoint)
      .toArray()[0];
    if (row === undefined) return null;
    this.#sql.exec("DELETE FROM behaviours WHERE id = ?", row["id"]);
    return row["behaviour"] as Behaviour;
  }

  #nextNumber(): number {
    return Number(this.#sql.exec("SELECT coalesce(max(number), 0) + 1 AS next FROM sales").one()["next"]);
  }
}

/** A request and its answer as JSON. */
interface Kept extends Record<string, string> {
  readonly request: string;
  readonly body: string;
}

interface RefundedLines {
  readonly lines: readonly { readonly line: number; readonly quantity: number }[];
}

interface QuotedBody {
  readonly tax_minor: number;
  readonly currency: string;
  readonly total_minor: number;
  readonly taxes: readonly {
    readonly rate_basis_points: number;
    readonly net_minor: number;
    readonly tax_minor: number;
  }[];
}

function grossByRate(quoted: QuotedBody): Map<number, number> {
  return new Map(quoted.taxes.map((tax) => [tax.rate_basis_points, tax.net_minor + tax.tax_minor]));
}

function refusal(field: string): PosAnswer {
  return { status: 422, body: { code: "refused", field } };
}
