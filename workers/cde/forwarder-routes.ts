import { Hono, type Context } from "hono";
import type { OpenedAnswer } from "../../protocol/pay/envelope.ts";
import { ok, type Result } from "../../protocol/result.ts";
import { accessLog } from "./audit/access-log.ts";
import type { CdeContext } from "./context.ts";
import { forwarderCall, type ForwarderCall } from "./door/forwarder.ts";
import {
  authorizationRequest,
  cardReferenceRequest,
  forgetRequest,
  isUuid,
  money,
  voidReason,
} from "./door/forwarder-body.ts";
import { authorizeByToken } from "./payments/authorize-by-token.ts";
import { authorize, statusOf } from "./payments/authorize.ts";
import type { Till } from "./payments/records.ts";
import { refund } from "./payments/refund.ts";
import { capture, voidAuthorization } from "./payments/settle.ts";
import { problem, type ProblemCode } from "./problem.ts";
import { cardReference } from "./vault/card-reference.ts";
import { forgetTokens } from "./vault/forget.ts";
import { isToken } from "./vault/token.ts";
import type { Vault } from "./vault/vault.ts";

/** What only the forwarder may call. Each answer, refusals included, is sealed to it. */
export const forwarderRoutes = new Hono<CdeContext>();

forwarderRoutes.post("/v1/card-references", (c) =>
  handled(c, async ({ body, now }) => {
    const request = cardReferenceRequest(body);
    if (request === undefined) return refusal("field");
    if (!isToken(request.token)) return refusal("not_found");
    const { digest } = c.get("machine");
    return answer(await cardReference({ ...till(c, { now }), cell: c.env.CELL, digest }, request));
  }),
);

forwarderRoutes.post("/v1/tokens/forget", (c) =>
  handled(c, async (call) => {
    const request = forgetRequest(call.body);
    if (request === undefined) return refusal("field");
    if (call.idempotencyKey !== request.request) return refusal("idempotency_key");
    return answer(ok(await forgetTokens(vault(c, call), request)));
  }),
);

forwarderRoutes.post("/v1/authorizations", (c) =>
  handled(c, async (call) => {
    const request = authorizationRequest(call.body);
    if (request === undefined) return refusal("field");
    if (call.idempotencyKey !== request.handoff) return refusal("idempotency_key");
    const { token } = request;
    if (token === undefined) return answer(await authorize(till(c, call), request));
    return answer(await authorizeByToken(vault(c, call), { ...request, token }));
  }),
);

forwarderRoutes.get("/v1/authorizations/:id", (c) =>
  handled(c, async (call) => {
    const id = c.req.param("id");
    return isUuid(id) ? answer(await statusOf(till(c, call), id)) : refusal("not_found");
  }),
);

forwarderRoutes.post("/v1/authorizations/:id/capture", (c) =>
  changed(c, c.req.param("id"), async (call, id, key) => {
    const amount = money(call.body);
    return amount === undefined ? refusal("amount") : answer(await capture(till(c, call), id, amount, key));
  }),
);

forwarderRoutes.post("/v1/authorizations/:id/void", (c) =>
  changed(c, c.req.param("id"), async (call, id, key) => {
    const reason = voidReason(call.body);
    return reason === undefined ? refusal("field") : answer(await voidAuthorization(till(c, call), id, reason, key));
  }),
);

forwarderRoutes.post("/v1/authorizations/:id/refunds", (c) =>
  changed(c, c.req.param("id"), async (call, id, key) => {
    const amount = money(call.body);
    return amount === undefined ? refusal("amount") : answer(await refund(till(c, call), id, amount, key));
  }),
);

function handled(c: Context<CdeContext>, handle: (call: ForwarderCall) => Promise<OpenedAnswer>): Promise<Response> {
  return forwarderCall(c.req.raw, c.env, c.get("machine"), Date.now(), handle);
}

/** A change of an authorization: needs its id and an idempotency key. */
function changed(
  c: Context<CdeContext>,
  id: string,
  handle: (call: ForwarderCall, id: string, key: string) => Promise<OpenedAnswer>,
): Promise<Response> {
  return handled(c, async (call) => {
    if (!isUuid(id)) return refusal("not_found");
    const key = call.idempotencyKey;
    return key === null || !/^[\x21-\x7e]{8,128}$/.test(key) ? refusal("idempotency_key") : handle(call, id, key);
  });
}

function till(c: Context<CdeContext>, call: Pick<ForwarderCall, "now">): Till {
  return { log: accessLog(c.env), database: c.env.VAULT, processor: c.get("machine").processor, now: call.now };
}

function vault(c: Context<CdeContext>, call: ForwarderCall): Vault {
  const { keks, digest } = c.get("machine");
  return { ...till(c, call), cell: c.env.CELL, keks, digest };
}

function answer(result: Result<object, ProblemCode>): OpenedAnswer {
  return result.ok ? { status: 200, body: result.value } : refusal(result.reason);
}

function refusal(code: ProblemCode): OpenedAnswer {
  const body = problem(code);
  return { status: body.status, body };
}
