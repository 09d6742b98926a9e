import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import { makeApp } from "./app/app.ts";
import { problemResponse } from "./app/problem.ts";
import { recordRefusal } from "./app/refusals.ts";
import type { Env } from "./env.ts";
import { atAddress } from "./limit-key.ts";
import { logUnexpected } from "./log.ts";
import { placeOf, routeName } from "./paths.ts";
import { withSecurityHeaders } from "./security-headers.ts";

/** Made at the first request that needs it: an isolate that only serves carts never pays for it. */
let app: ReturnType<typeof makeApp> | undefined;

/** Everything that is not the cart's: the app API, receipts, documentation. A throw is a bug and answers 503. */
export async function answerPublic(request: Request, url: URL, env: Env, ctx: ExecutionContext): Promise<Response> {
  const place = placeOf(url.pathname);
  const route = routeName(request.method, place);
  try {
    const field = panIn(url, request.headers);
    if (field !== null) {
      const from = atAddress(request.headers.get("cf-connecting-ip") ?? "");
      ctx.waitUntil(recordRefusal({ code: "pan_detected", route, field, from, now: Date.now() }, env));
      return withSecurityHeaders(problemResponse("pan_detected", { field }));
    }
    if (place === undefined) return withSecurityHeaders(problemResponse("not_found"));
    if (!place.methods.includes(request.method))
      return withSecurityHeaders(
        problemResponse("method_not_allowed", { headers: { allow: place.methods.join(", ") } }),
      );
    app ??= makeApp();
    return withSecurityHeaders(await app.fetch(request, env, ctx));
  } catch (error) {
    logUnexpected(route, error);
    return withSecurityHeaders(problemResponse("unavailable"));
  }
}

/** Not the caller's words: the credential, which is checked, and what the network in front adds. */
const NOT_SEARCHED = /^(?:authorization|cf-|x-forwarded-|x-real-ip$|sec-websocket-key$)/;
/** The credential of a page's WebSocket (`app/live.ts`). */
const BEARER = /(?<![^\s,])bearer\.[\w-]+\.[\w-]+\.[\w-]+/g;

/** URLs and headers end up in logs and histories everywhere, so the tripwire looks at them before anything else does. */
function panIn(url: URL, headers: Headers): "path" | "query" | "header" | null {
  if (looksLikePan(url.pathname) !== null) return "path";
  if (looksLikePan(url.search) !== null) return "query";
  return [...headers].some(
    ([name, value]) => !NOT_SEARCHED.test(name) && looksLikePan(value.replaceAll(BEARER, "")) !== null,
  )
    ? "header"
    : null;
}
