import type { Stripe } from "stripe";
import type { Armed, Books, IntentRow, Mischief } from "./books.ts";
import { countOf, listOf, mapOf, type Form } from "./form.ts";
import { errorBody, paymentIntent, reader, refund } from "./shapes.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly delivery?: Mischief | undefined;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly form: Form;
}

const json = (value: unknown, delivery?: Mischief): Answer => ({ status: 200, body: JSON.stringify(value), delivery });
const invalid = (code: string, param?: string): Answer => ({
  status: 400,
  body: errorBody("invalid_request_error", code, param === undefined ? {} : { param }),
});
const missing: Answer = { status: 404, body: errorBody("invalid_request_error", "resource_missing") };

/**
 * The parameters that each call may have; another is refused, as Stripe does. The names are held to the types that
 * Stripe generates from its published document, so one that is gone from it does not compile.
 */
const PARAMETERS = {
  create: ["amount", "currency", "allowed_payment_method_types", "capture_method", "metadata", "expand"],
  retrieve: ["expand"],
  search: ["query", "limit", "page", "expand"],
  capture: ["amount_to_capture", "expand", "metadata"],
  cancel: ["cancellation_reason", "expand"],
  refund: ["payment_intent", "charge", "amount", "reason", "metadata", "expand"],
  refunds: ["payment_intent", "charge", "limit", "starting_after", "ending_before", "created", "expand"],
  process: ["payment_intent", "process_config", "expand"],
} as const satisfies {
  readonly create: readonly (keyof Stripe.PaymentIntentCreateParams)[];
  readonly retrieve: readonly (keyof Stripe.PaymentIntentRetrieveParams)[];
  readonly search: readonly (keyof Stripe.PaymentIntentSearchParams)[];
  readonly capture: readonly (keyof Stripe.PaymentIntentCaptureParams)[];
  readonly cancel: readonly (keyof Stripe.PaymentIntentCancelParams)[];
  readonly refund: readonly (keyof Stripe.RefundCreateParams)[];
  readonly refunds: readonly (keyof Stripe.RefundListParams)[];
  readonly process: readonly (keyof Stripe.Terminal.ReaderProcessPaymentIntentParams)[];
};

/** Stripe's rules for terminal payments, as far as the CDE and a terminal's side use them. */
export function answerTo(books: Books, call: Call): Answer {
  const [, version, ...path] = call.path.split("/");
  const route = `${call.method} ${path.join("/")}`;
  if (version !== "v1") return missing;
  if (route === "POST payment_intents") return checked("create", call, () => create(books, call.form));
  if (route === "GET payment_intents/search") return checked("search", call, () => search(books, call.form));
  if (route === "POST refunds") return checked("refund", call, () => refundIntent(books, call.form));
  if (route === "GET refunds") return checked("refunds", call, () => refundsOf(books, call.form));
  const [collection, id = "", verb, rest] = path;
  if (collection === "payment_intents" && rest === undefined) {
    const row = books.intents.find((each) => each.id === id);
    if (row === undefined) return missing;
    if (call.method === "GET" && verb === undefined) return checked("retrieve", call, () => retrieve(books, row, call));
    if (call.method === "POST" && verb === "capture") return checked("capture", call, () => capture(books, row, call));
    if (call.method === "POST" && verb === "cancel") return checked("cancel", call, () => cancel(books, row, call));
  }
  if (call.method === "POST" && collection === "terminal" && id === "readers" && path[3] === "process_payment_intent")
    return checked("process", call, () => process(books, path[2] ?? "", call.form));
  return missing;
}

function checked(name: keyof typeof PARAMETERS, call: Call, run: () => Answer): Answer {
  const known: readonly string[] = PARAMETERS[name];
  const unknown = Object.keys(call.form).find((each) => !known.includes(each));
  return unknown === undefined ? run() : invalid("parameter_unknown", unknown);
}

function create(books: Books, form: Form): Answer {
  const amount = countOf(form["amount"]);
  const currency = form["currency"];
  const types = listOf(form["allowed_payment_method_types"]);
  if (amount === undefined || amount < 1) return invalid("parameter_invalid_integer", "amount");
  if (typeof currency !== "string" || !/^[a-z]{3}$/.test(currency)) return invalid("invalid_currency", "currency");
  if (!representable(amount, currency)) return invalid("invalid_charge_amount", "amount");
  if (types.join() === "card_present" && form["capture_method"] !== "manual")
    return invalid("parameter_invalid", "capture_method");
  const row = books.add({ amount, currency, types, metadata: mapOf(form["metadata"]) });
  return json(paymentIntent(row, expands(form)));
}

/** The reader takes the card at once, as a simulated reader does. */
function process(books: Books, readerId: string, form: Form): Answer {
  const row = books.intents.find((each) => each.id === form["payment_intent"]);
  if (row === undefined) return missing;
  if (row.status !== "requires_payment_method") return invalid("payment_intent_unexpected_state");
  const mischief = books.take(handoffOf(row), "payment");
  if (mischief === "time_out") return { status: 504, body: "", delivery: mischief };
  take(books, row, readerId, mischief);
  if (mischief === "duplicate") take(books, books.add({ ...row }), readerId, undefined);
  return json(reader(readerId, row.id), mischief);
}

function take(books: Books, row: IntentRow, readerId: string, mischief: Mischief | undefined): void {
  row.reader = readerId;
  row.charge = books.id("ch");
  row.decline = mischief === "decline" ? "insufficient_funds" : null;
  row.authorized = mischief === "partial" ? Math.floor(row.amount / 2) : row.amount;
  if (mischief !== "decline") row.status = "requires_capture";
}

function retrieve(books: Books, row: IntentRow, call: Call): Answer {
  return json(paymentIntent(row, expands(call.form)), books.take(handoffOf(row), "status"));
}

function search(books: Books, form: Form): Answer {
  const wanted = /^metadata\['([a-z]+)'\]:'([^'\\]+)'$/.exec(typeof form["query"] === "string" ? form["query"] : "");
  if (wanted === null) return invalid("parameter_invalid", "query");
  const [, name = "", value] = wanted;
  const data = books.intents
    .filter((each) => each.metadata[name] === value && !books.hidden.has(each.id))
    .map((each) => paymentIntent(each, false));
  const page = { object: "search_result", data, has_more: false, next_page: null, url: "/v1/payment_intents/search" };
  return json(page, books.take(value ?? "", "status"));
}

function capture(books: Books, row: IntentRow, call: Call): Answer {
  return change(books, row, "capture", () => {
    if (row.status !== "requires_capture") return invalid("payment_intent_unexpected_state");
    const amount = countOf(call.form["amount_to_capture"]);
    if (amount === undefined || amount < 1 || amount > row.authorized)
      return invalid("amount_too_large", "amount_to_capture");
    row.status = "succeeded";
    row.received = amount;
    row.captures += 1;
    return json(paymentIntent(row, expands(call.form)));
  });
}

function cancel(books: Books, row: IntentRow, call: Call): Answer {
  return change(books, row, "void", () => {
    if (row.status === "succeeded" || row.status === "canceled") return invalid("payment_intent_unexpected_state");
    row.status = "canceled";
    return json(paymentIntent(row, expands(call.form)));
  });
}

function refundIntent(books: Books, form: Form): Answer {
  const row = books.intents.find((each) => each.id === form["payment_intent"]);
  if (row === undefined) return missing;
  return change(books, row, "refund", () => {
    const amount = countOf(form["amount"]);
    if (row.status !== "succeeded") return invalid("charge_not_refundable");
    if (amount === undefined || amount < 1 || amount > row.received - books.refunded(row.id))
      return invalid("amount_too_large", "amount");
    const made = {
      id: books.id("re"),
      intent: row.id,
      amount,
      currency: row.currency,
      metadata: mapOf(form["metadata"]),
      created: row.created + 60,
    };
    books.refunds.push(made);
    return json(refund(made));
  });
}

function refundsOf(books: Books, form: Form): Answer {
  if (!books.intents.some((each) => each.id === form["payment_intent"])) return missing;
  const data = books.refunds.filter((each) => each.intent === form["payment_intent"]).map(refund);
  return json({ object: "list", data, has_more: false, url: "/v1/refunds" });
}

/** A change with what is armed for it: before it takes effect, or after. */
function change(books: Books, row: IntentRow, on: Armed, apply: () => Answer): Answer {
  const mischief = books.take(handoffOf(row), on);
  if (mischief === "decline") return { status: 402, body: errorBody("card_error", "card_declined") };
  if (mischief === "fault") return { status: 500, body: errorBody("api_error", null) };
  if (mischief === "locked") return { status: 409, body: errorBody("invalid_request_error", "lock_timeout") };
  if (mischief === "busy") return { status: 429, body: errorBody("invalid_request_error", "rate_limit") };
  if (mischief === "time_out") return { status: 504, body: "", delivery: mischief };
  const answer = apply();
  if (mischief === "fault_after") return { status: 500, body: errorBody("api_error", null) };
  return { ...answer, delivery: mischief };
}

/** Stripe's special cases: ISK and UGX with two decimals that are 00, three decimals with a last digit of 0. */
function representable(amount: number, currency: string): boolean {
  if (["isk", "ugx"].includes(currency)) return amount % 100 === 0;
  return !["bhd", "jod", "kwd", "omr", "tnd"].includes(currency) || amount % 10 === 0;
}

function handoffOf(row: IntentRow): string {
  return row.metadata["handoff"] ?? "";
}

function expands(form: Form): boolean {
  return listOf(form["expand"]).includes("latest_charge");
}
