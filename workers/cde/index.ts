/** The cardholder-data environment: an origin of its own, reached by card forms, reader vendors and the forwarder. */
import { Hono } from "hono";
import { accessLog } from "./audit/access-log.ts";
import { auditRoutes } from "./audit/routes.ts";
import { NotConfigured, boot, type Env } from "./boot.ts";
import { checkedCard } from "./card/request.ts";
import type { CdeContext } from "./context.ts";
import { idempotencyKeyOf } from "./door/body.ts";
import { tokenizeCall } from "./door/tokenize.ts";
import { formRoutes } from "./form/routes.ts";
import { forwarderRoutes } from "./forwarder-routes.ts";
import { housekeeping } from "./housekeeping.ts";
import { keyOrderRoutes } from "./key-order-routes.ts";
import { problemResponse, type ProblemCode } from "./problem.ts";
import { cardStatements } from "./vault/card-statement.ts";
import { KeyShareError } from "./vault/key-encryption-key.ts";
import { SealBroken } from "./vault/seal.ts";
import { tokenize } from "./vault/tokenize.ts";
import { webhookRoutes } from "./webhooks/routes.ts";

/** Response headers that belong to a refusal. */
const HINTS: Partial<Record<ProblemCode, Record<string, string>>> = {
  client_auth: { "www-authenticate": "Bearer" },
  too_many_requests: { "retry-after": "60" },
};

const app = new Hono<CdeContext>();

app.use(async (c, next) => {
  c.set("machine", await boot(c.env));
  await next();
});

app.get("/v1/jwks.json", (c) =>
  c.json({ keys: [c.get("machine").publicKey] }, 200, { "cache-control": "public, max-age=300" }),
);

app.post("/v1/payments/tokenize", async (c) => {
  const now = Date.now();
  const machine = c.get("machine");
  const call = await tokenizeCall(c.req.raw, c.env, machine, now);
  if (!call.ok) return problemResponse(call.reason, undefined, HINTS[call.reason]);
  const key = idempotencyKeyOf(c.req.raw);
  if (key === undefined) return problemResponse("idempotency_key");
  const card = checkedCard(call.value.body, call.value.client, now);
  if (!card.ok) return problemResponse(card.reason);
  const vault = {
    log: accessLog(c.env),
    database: c.env.VAULT,
    cell: c.env.CELL,
    keks: machine.keks,
    digest: machine.digest,
    processor: machine.processor,
    state: cardStatements(machine.forwarder.sign, c.env.CELL),
    now,
  };
  const token = await tokenize(vault, call.value.client, key, card.value);
  return token.ok ? c.json(token.value, 201, { "cache-control": "no-store" }) : problemResponse("idempotency_mismatch");
});

app.route("/", webhookRoutes);
app.route("/", formRoutes);
app.route("/", forwarderRoutes);
app.route("/", keyOrderRoutes);
app.route("/", auditRoutes);
app.notFound(() => problemResponse("not_found"));

app.onError((error) => {
  // The name alone: a database error's message holds its parameters.
  console.error(JSON.stringify({ event: "failed", error: error.name }));
  if (error instanceof KeyShareError || error instanceof NotConfigured)
    return problemResponse("not_configured", error.message);
  if (error instanceof SealBroken) return problemResponse("vault_integrity");
  return problemResponse("internal");
});

export { AccessLog } from "./audit/access-log.ts";
export { Housekeeping } from "./housekeeping.ts";

export default {
  fetch: app.fetch,
  async scheduled(event, env): Promise<void> {
    await housekeeping(env).nudge(event.cron, event.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
