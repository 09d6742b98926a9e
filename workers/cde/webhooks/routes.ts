import { accessLog } from "../audit/access-log.ts";
import { Hono } from "hono";
import type { CdeContext } from "../context.ts";
import { readBody } from "../door/body.ts";
import { problemResponse } from "../problem.ts";
import { takeEvent } from "./take.ts";

/** Far above any event's size. */
const MAX_BYTES = 131_072;

/**
 * `POST /v1/webhooks/{processor}`, for the processor that is in use and no other. 2xx ends the deliveries of an
 * event, a repeated one's too; 503 asks for the next.
 */
export const webhookRoutes = new Hono<CdeContext>();

webhookRoutes.post("/v1/webhooks/:processor", async (c) => {
  const { webhooks, processor } = c.get("machine");
  if (c.req.param("processor") !== webhooks.of) return problemResponse("not_found");
  const body = await readBody(c.req.raw, MAX_BYTES);
  if (!body.ok) return problemResponse(body.reason);
  const now = Date.now();
  const event = await webhooks.read(body.value, c.req.raw.headers, now);
  if (!event.ok) return problemResponse(event.reason === "signature" ? "webhook_signature" : "malformed");
  const taken = await takeEvent(
    { log: accessLog(c.env), database: c.env.VAULT, processor, now },
    webhooks.of,
    event.value,
  );
  return taken === "no_answer" ? problemResponse("processor_silent") : c.json({ outcome: taken }, 200);
});
