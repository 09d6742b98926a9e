import { decodeJwt } from "jose";
import { LIVE_BEARER, LIVE_CUSTOMER_HEADER, LIVE_PROTOCOL, LIVE_UNTIL_HEADER } from "../../../protocol/rooms/live.ts";
import { stubOf } from "../../../protocol/rooms/objects.ts";
import { problemResponse } from "./problem.ts";
import { refusal } from "./refusal.ts";
import type { App } from "./app.ts";
import { followSession } from "./routes.ts";
import { bearerToken } from "./token.ts";

/**
 * The live basket: a WebSocket to the object of the trip that the person is linked to. The door checks who asks, and
 * the object that their number is still the one on its trip; from then on it speaks with the device, and this Worker is
 * out of the way.
 */
export function addLive(app: App): void {
  app.openapi(followSession, async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
      return problemResponse("upgrade_required", { headers: { upgrade: "websocket", connection: "upgrade" } });
    const offered = protocolsOf(c.req.header("sec-websocket-protocol"));
    if (!offered.includes(LIVE_PROTOCOL)) return problemResponse("invalid_field");
    const trip = await c.env.IDENTITY.currentSession(c.get("person"));
    if (!trip.ok) return refusal(trip.reason);
    if (trip.value === null) return refusal("no_session");
    const { session, customer } = trip.value;
    const token = bearerToken(authorizationOf(c.req.raw.headers));
    // Checked before by the door; here only its end is read.
    const until = token === null ? 0 : (decodeJwt(token).exp ?? 0) * 1000;
    const object = stubOf(c.env.SESSIONS, session, c.env);
    const headers = { upgrade: "websocket", [LIVE_CUSTOMER_HEADER]: customer, [LIVE_UNTIL_HEADER]: String(until) };
    const answer = await object.fetch(new Request("https://session/live", { headers }));
    return answer.status === 101 ? answer : refusal("no_session");
  });
}

/**
 * The credentials of a request: its header (RFC 6750, 2.1), or for a WebSocket of a page, which can set none, a
 * subprotocol that begins with `bearer.`. Never the URL: URLs are logged.
 */
export function authorizationOf(headers: Headers): string | null {
  const header = headers.get("authorization");
  if (header !== null || headers.get("upgrade")?.toLowerCase() !== "websocket") return header;
  const offered = protocolsOf(headers.get("sec-websocket-protocol") ?? undefined);
  const bearer = offered.find((each) => each.startsWith(LIVE_BEARER));
  return bearer === undefined ? null : `Bearer ${bearer.slice(LIVE_BEARER.length)}`;
}

const protocolsOf = (header: string | undefined): readonly string[] =>
  (header ?? "").split(",").map((each) => each.trim());
