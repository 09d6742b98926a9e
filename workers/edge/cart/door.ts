import { hex } from "../../../protocol/bytes.ts";
import { decodeEnvelope } from "../../../protocol/cart/codec.ts";
import { FRAME_CODE, parseFrame, purposeOfPath, verifyFrame } from "../../../protocol/cart/cose.ts";
import type { CartMessage } from "../../../protocol/cart/messages.ts";
import type { Kid } from "../../../protocol/ids.ts";
import { readBody } from "../body.ts";
import type { Env } from "../env.ts";
import { logUnexpected } from "../log.ts";
import { holdsPan, payloadHoldsPan } from "./free-text.ts";
import { HANDLERS, type Call } from "./handlers.ts";
import { greet } from "./hello.ts";
import { answerImage } from "./image.ts";
import { refusalResponse, refuse, responseOf, type Outcome } from "./outcome.ts";
import { recordRefusal, type Visit } from "./refusals.ts";
import { cartBy, currentRecord, refuseStranger } from "./registry.ts";
import { Share } from "./share.ts";
import { cartRoute, type CartRoute, type RouteReason } from "./route.ts";

/** This isolate's count of each cart's frames. */
const SHARE = new Share();

/**
 * The cart API's door. No framework and no layers: a scan is one verified signature and one RPC.
 * Whatever is sent gets an answer of the closed set; a throw is a bug, and the cart is told `unavailable`.
 */
export async function answerCart(request: Request, path: string, env: Env, ctx: ExecutionContext): Promise<Response> {
  const route = cartRoute(request.method, path);
  if (!route.ok && route.reason !== "no_session") return notOffered(route.reason);
  const visit: Visit = {
    route: route.ok ? route.value.name : "POST /cart/v1/sessions/{id}",
    address: request.headers.get("cf-connecting-ip") ?? "",
    now: Date.now(),
    kid: null,
    record: null,
  };
  try {
    const asked = route.ok ? route.value : null;
    if (asked?.kind === "image") return await answerImage(request, asked.digest, env, visit);
    const outcome = asked === null ? refuse("no_session") : await attend(request, asked, path, env, visit);
    if (!outcome.ok) ctx.waitUntil(recordRefusal(outcome.error.code, visit, env));
    return responseOf(outcome);
  } catch (error) {
    logUnexpected(visit.route, error);
    return refusalResponse({ code: "unavailable" });
  }
}

/** HTTP's own refusals, of what is no part of the protocol: no body. */
function notOffered(reason: Exclude<RouteReason, "no_session">): Response {
  if (reason === "not_found") return new Response(null, { status: 404 });
  return new Response(null, { status: 405, headers: { allow: reason === "method" ? "POST" : "GET, HEAD" } });
}

async function attend(
  request: Request,
  route: Exclude<CartRoute, { kind: "image" }>,
  path: string,
  env: Env,
  visit: Visit,
): Promise<Outcome> {
  const bytes = await readBody(request);
  if (bytes === null) return refuse("too_large");
  if (route.kind === "hello") return greet(bytes, env, visit);
  const frame = parseFrame(bytes);
  if (!frame.ok) return refuse(FRAME_CODE[frame.reason]);
  const kid = hex(frame.value.kid) as Kid;
  const found = await cartBy(kid, env, visit);
  if (!found.ok) return found.reason === "unavailable" ? refuse("unavailable") : refuseStranger(env, visit);
  visit.kid = kid;
  const verified = await verifyFrame(frame.value, found.value.key, purposeOfPath(path));
  if (!verified) return refuseStranger(env, visit);
  visit.record = found.value.record;
  // Only now: nobody can use up a cart's share without its key.
  if (SHARE.mustAsk(kid, visit.now) && !(await env.DOOR_LIMIT.limit({ key: kid })).success) return refuse("too_many");
  const record = await currentRecord(route.message, found.value, env, visit);
  if (!record.ok) return refuse(record.reason);
  const { message, session } = route;
  const envelope = decodeEnvelope(message, frame.value.payload);
  if (!envelope.ok) {
    const isPan = envelope.reason === "invalid_field" && payloadHoldsPan(frame.value.payload);
    return refuse(isPan ? "pan_detected" : envelope.reason);
  }
  if (envelope.value.session !== session) return refuse("malformed");
  if (holdsPan(message, envelope.value)) return refuse("pan_detected");
  const { serial } = record.value;
  return dispatch(message, {
    env,
    signed: { frame: bytes, envelope: envelope.value, cart: serial },
    record: record.value,
  });
}

function dispatch<M extends CartMessage>(message: M, call: Call<M>): Promise<Outcome> {
  return HANDLERS[message](call);
}
