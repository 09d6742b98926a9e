/**
 * A simulated acquirer and payment processor, with one set of books a cell. Terminals send it payments, the CDE
 * asks, captures, voids and refunds; every change is idempotent by `Idempotency-Key`. State is in the object's
 * SQLite alone, so it outlives the process.
 */
import { DurableObject } from "cloudflare:workers";
import { Acquirer, problem, type Answer } from "./acquirer.ts";
import { HOLD_MS, LATE_MS } from "./behaviour.ts";
import { hmac, paymentAccountReference } from "./emv.ts";
import { Ledger } from "./ledger.ts";
import { deliverWebhook, nextAttempt } from "./webhook.ts";
import { amountOrder, arming, cardNotPresentOrder, panOf, paymentOrder } from "./requests.ts";

export class Processor extends DurableObject<ProcessorBindings> {
  readonly #ledger: Ledger;
  readonly #acquirer: Acquirer;

  constructor(state: DurableObjectState, env: ProcessorBindings) {
    super(state, env);
    this.#ledger = new Ledger(state.storage.sql);
    this.#acquirer = new Acquirer(this.#ledger, env.PROCESSOR_KEY);
  }

  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body: unknown = request.method === "POST" ? await request.json().catch(() => undefined) : undefined;
    const answer = await this.#route(request, url, body);
    await this.#wake();
    return deliver(answer);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    for (const webhook of this.#ledger.announced().filter((each) => each.due <= now)) {
      const taken = await deliverWebhook(this.env.PAY_ORIGIN, this.env.PROCESSOR_KEY, webhook, Date.now());
      const next = nextAttempt(webhook, Date.now());
      if (taken || next === undefined) this.#ledger.delivered(webhook.id);
      else this.#ledger.postpone(webhook.id, next);
    }
    await this.#wake();
  }

  async #wake(): Promise<void> {
    const [first] = this.env.PAY_ORIGIN === "" ? [] : this.#ledger.announced();
    if (first !== undefined) await this.ctx.storage.setAlarm(first.due);
  }

  async #route(request: Request, url: URL, body: unknown): Promise<Answer> {
    const [, version, collection, reference, verb, rest] = url.pathname.split("/");
    if (version !== "v1" || rest !== undefined) return refuse(404, "not_found");
    const now = Date.now();
    if (request.method === "GET" && collection === "payments" && verb === undefined) {
      const handoff = url.searchParams.get("handoff");
      if (reference !== undefined) return this.#acquirer.status(reference, now);
      return handoff === null ? refuse(422, "handoff") : this.#acquirer.ofHandoff(handoff, now);
    }
    if (request.method !== "POST") return refuse(405, "method");
    if (collection === "behaviours" && reference === undefined) return this.#arm(body);
    if (collection === "payment-account-references" && reference === undefined) return this.#account(body);
    const absent = collection === "card-not-present-payments" && reference === undefined;
    if (collection !== "payments" && !absent) return refuse(404, "not_found");

    const key = request.headers.get("idempotency-key") ?? "";
    if (!/^[\x21-\x7e]{1,200}$/.test(key)) return refuse(400, "idempotency_key");
    if (reference === undefined) {
      const order = absent ? cardNotPresentOrder(body) : paymentOrder(body);
      return order.ok ? this.#acquirer.pay(order.value, `payment ${key}`, now) : refuse(422, order.reason);
    }
    if (verb === "void") return this.#acquirer.void(reference, key, now);
    const order = amountOrder(body);
    if (!order.ok) return refuse(422, order.reason);
    if (verb === "capture") return this.#acquirer.capture(reference, order.value, key, now);
    if (verb === "refunds") return this.#acquirer.refund(reference, order.value, key, now);
    return refuse(404, "not_found");
  }

  #arm(body: unknown): Answer {
    const armed = arming(body);
    if (!armed.ok) return refuse(422, armed.reason);
    this.#ledger.arm(armed.value);
    return { status: 201, body: JSON.stringify({ armed: armed.value.behaviour }), delivery: "approve" };
  }

  async #account(body: unknown): Promise<Answer> {
    const pan = panOf(body);
    if (pan === undefined) return refuse(422, "pan");
    const reference = await paymentAccountReference(pan, this.env.PROCESSOR_KEY);
    return { status: 200, body: JSON.stringify({ payment_account_reference: reference }), delivery: "approve" };
  }
}

/** Gives, delays, holds or breaks off an answer: what was decided stays decided either way. */
async function deliver(answer: Answer): Promise<Response> {
  if (answer.delivery === "time_out") await scheduler.wait(HOLD_MS);
  if (answer.delivery === "answer_late") await scheduler.wait(LATE_MS);
  const headers = { "content-type": answer.status < 400 ? "application/json" : "application/problem+json" };
  if (answer.delivery !== "lose_answer") return new Response(answer.body, { status: answer.status, headers });
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(answer.body.slice(0, 8)));
      controller.error(new Error("the line went dead"));
    },
  });
  return new Response(broken, { status: answer.status, headers });
}

function refuse(status: number, code: string): Answer {
  return { status, body: problem(code), delivery: "approve" };
}

export default {
  async fetch(request, env): Promise<Response> {
    if (!(await sameSecret(request.headers.get("authorization") ?? "", `Bearer ${env.PROCESSOR_KEY}`)))
      return new Response(problem("unauthorized"), {
        status: 401,
        headers: { "content-type": "application/problem+json", "www-authenticate": "Bearer" },
      });
    return env.PROCESSOR.getByName("acquirer").fetch(request);
  },
} satisfies ExportedHandler<ProcessorBindings>;

/** Compares keyed digests, so the time says nothing of how much matched. */
async function sameSecret(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([hmac(expected, given), hmac(expected, expected)]);
  return crypto.subtle.timingSafeEqual(a, b);
}
