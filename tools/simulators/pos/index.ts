/** Stands in for the stores' POS and tax engine, on one machine. Outside the platform: nothing here is trusted by it. */
import { Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import { requireBindings } from "../../../protocol/rooms/boot.ts";
import { openNotice } from "./privacy-notice.ts";
import {
  behaviourRequest,
  noticeRequest,
  quoteRequest,
  refundQuoteRequest,
  refundRequest,
  saleRequest,
  type PosAnswer,
} from "./wire.ts";

export { PointOfSale } from "./point-of-sale.ts";

type Env = PosBindings;

const app = new Hono<{ Bindings: Env }>();

app.use("/v1/*", (c, next) => {
  requireBindings(c.env, ["POS", "POS_KEY", "POS_PRIVACY_JWK"]);
  return bearerAuth<{ Bindings: Env }>({ token: c.env.POS_KEY })(c, next);
});

app.post("/v1/quotes", (c) =>
  answer(c.req.raw, quoteRequest, (key, request) => c.env.POS.getByName(request.store).quote(key, request)),
);
app.post("/v1/sales", (c) =>
  answer(c.req.raw, saleRequest, (key, request) => c.env.POS.getByName(request.store).sell(key, request)),
);
app.post("/v1/refund-quotes", (c) =>
  answer(c.req.raw, refundQuoteRequest, (key, request) => c.env.POS.getByName(request.store).quoteRefund(key, request)),
);
app.post("/v1/refunds", (c) =>
  answer(c.req.raw, refundRequest, (key, request) => c.env.POS.getByName(request.store).refund(key, request)),
);
app.post("/v1/privacy-notices", (c) =>
  answer(c.req.raw, noticeRequest, async (key, { store, jwe }) => {
    const message = await openNotice(c.env.POS_PRIVACY_JWK, jwe);
    if (message === undefined || message.notice !== key) return { status: 422, body: { code: "notice" } };
    return c.env.POS.getByName(store).takeNotice(key, message);
  }),
);
app.get("/v1/privacy-notices/:store", async (c) =>
  toResponse(await c.env.POS.getByName(c.req.param("store")).notices()),
);
app.post("/v1/behaviours", (c) =>
  answer(c.req.raw, behaviourRequest, (_key, request) => c.env.POS.getByName(request.store).behave(request), false),
);
app.get("/v1/refunds/:store", async (c) => toResponse(await c.env.POS.getByName(c.req.param("store")).refunds()));
app.get("/v1/sales/:store", async (c) => toResponse(await c.env.POS.getByName(c.req.param("store")).sales()));

async function answer<T>(
  request: Request,
  form: z.ZodType<T>,
  act: (key: string, body: T) => Promise<PosAnswer>,
  keyed = true,
): Promise<Response> {
  const key = request.headers.get("idempotency-key");
  if (keyed && (key === null || !/^[\x21-\x7e]{1,64}$/.test(key)))
    return toResponse({ status: 400, body: { code: "idempotency_key_missing" } });
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = form.safeParse(body);
  if (!parsed.success)
    return toResponse({
      status: 422,
      body: { code: "malformed", field: parsed.error.issues[0]?.path.join(".") ?? "" },
    });
  return toResponse(await act(key ?? "", parsed.data));
}

function toResponse({ status, body }: PosAnswer): Response {
  return Response.json(body, { status: status as ContentfulStatusCode });
}

export default app;
