import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Stripe } from "stripe";
import { answerTo, type Answer } from "./api.ts";
import { Books } from "./books.ts";
import { parseForm } from "./form.ts";
import { errorBody } from "./shapes.ts";

export interface StripeMock {
  readonly origin: string;
  readonly books: Books;
  /** `METHOD path` of every call that came, refused ones too. */
  readonly calls: string[];
  /** Idempotency keys are forgotten, as Stripe does after a day or so. */
  forgetKeys(): void;
  close(): Promise<void>;
}

/**
 * Stripe's API on 127.0.0.1 as far as terminal payments need it, with Stripe's demands on a request: bearer key,
 * pinned API version, form encoding, an idempotency key on every change, no unknown parameter.
 */
export async function startStripeMock(secretKey: string): Promise<StripeMock> {
  const books = new Books();
  const kept = new Map<string, { request: string; answer: Answer }>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    handle(request, response, (text) => {
      calls.push(`${request.method} ${(request.url ?? "").split("?")[0]}`);
      return answered(request, text, { books, kept, secretKey });
    }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    books,
    calls,
    forgetKeys: () => kept.clear(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Desk {
  readonly books: Books;
  readonly kept: Map<string, { request: string; answer: Answer }>;
  readonly secretKey: string;
}

function answered(request: IncomingMessage, text: string, desk: Desk): Answer {
  const { headers, method = "" } = request;
  const url = new URL(request.url ?? "/", "http://stripe.test");
  if (headers.authorization !== `Bearer ${desk.secretKey}`)
    // Stripe quotes a part of the key in this message.
    return {
      status: 401,
      body: errorBody("invalid_request_error", null, { message: `Invalid API Key: ${headers.authorization}` }),
    };
  if (headers["stripe-version"] !== Stripe.API_VERSION) return refused("stripe_version");
  const form = parseForm(method === "GET" ? url.search.slice(1) : text);
  if (form === undefined) return refused("parameter_invalid");
  if (method === "GET") return answerTo(desk.books, { method, path: url.pathname, form });
  if (headers["content-type"] !== "application/x-www-form-urlencoded") return refused("content_type");
  const key = headers["idempotency-key"];
  if (typeof key !== "string" || key.length > 255) return refused("idempotency_key");
  const asked = `${method} ${url.pathname} ${text}`;
  const before = desk.kept.get(key);
  if (before !== undefined)
    return before.request === asked
      ? { ...before.answer, delivery: undefined }
      : { status: 400, body: errorBody("idempotency_error", null) };
  const answer = answerTo(desk.books, { method, path: url.pathname, form });
  // A key is kept once the work has begun: not for a lock, a rate limit, or an order that was never received.
  if (![409, 429, 504].includes(answer.status) && answer.status !== 400 && answer.status !== 404)
    desk.kept.set(key, { request: asked, answer });
  return answer;
}

function refused(code: string): Answer {
  return { status: 400, body: errorBody("invalid_request_error", code) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (text: string) => Answer,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const { status, body, delivery } = answer(Buffer.concat(chunks).toString("utf8"));
  // The connection stays open and silent: the caller's time-out ends it, or the mock's closing.
  if (delivery === "time_out") return;
  if (delivery === "lose_answer") return void response.destroy();
  if (delivery === "redirect") {
    response.writeHead(302, { location: "https://elsewhere.example/", "content-type": "application/json" });
    return void response.end(body);
  }
  response.writeHead(status, {
    "content-type": "application/json",
    "request-id": "req_mock",
    "stripe-version": Stripe.API_VERSION,
  });
  response.end(delivery === "garbage" ? body.slice(0, -1) : body);
}
