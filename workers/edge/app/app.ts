import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { JWTVerifyGetKey } from "jose";
import type { Principal } from "../../../protocol/rooms/identity.ts";
import { looksLikePan } from "../../../protocol/pan/tripwire.ts";
import type { Env } from "../env.ts";
import { atAddress, limitKey } from "../limit-key.ts";
import { placeOf, routeName } from "../paths.ts";
import { addPages } from "../pages/pages.ts";
import { addReceipts } from "../receipt.ts";
import { issuerKeys } from "./issuer-keys.ts";
import { panFieldOf, readJson } from "./json-body.ts";
import { addLive, authorizationOf } from "./live.ts";
import { addMe } from "./me.ts";
import { addOwnReceipts } from "./own-receipts.ts";
import { addPaymentMethods } from "./payment-methods.ts";
import { addPairing } from "./pairing.ts";
import { addPrivacy } from "./privacy.ts";
import { problemResponse, type ProblemCode } from "./problem.ts";
import { recordRefusal } from "./refusals.ts";
import { ourFields } from "./schemas.ts";
import { audiencesOf, checkToken } from "./token.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: { person: Principal };
}
export type App = OpenAPIHono<AppEnv>;

/** The app API, receipts and pages of one isolate, with its issuer's keys. */
export function makeApp(): App {
  const app: App = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return undefined;
      // A path parameter of another form names nothing that could exist.
      if (result.target === "param") return problemResponse("not_found");
      const field = String(result.error.issues.find((issue) => issue.code !== "unrecognized_keys")?.path[0]);
      return problemResponse("invalid_field", ourFields.includes(field) ? { field } : {});
    },
  });
  app.onError((error) => {
    throw error;
  });
  app.notFound(() => problemResponse("not_found"));
  app.use("/v1/*", signIn());
  app.use("/v1/*", inspectBody);
  addPairing(app);
  addMe(app);
  addLive(app);
  addOwnReceipts(app);
  addPaymentMethods(app);
  addPrivacy(app);
  addReceipts(app);
  addPages(app);
  return app;
}

/** A refusal that someone may have to prove: answered, and recorded beside the answer. */
function refuseAndRecord(c: Context<AppEnv>, code: "pan_detected" | "invalid_token", field: string | null): void {
  // No person on a route that refuses before anybody is signed in.
  const person = c.get("person") as Principal | undefined;
  const from = person ?? atAddress(c.req.header("cf-connecting-ip") ?? "");
  const route = routeName(c.req.method, placeOf(c.req.path));
  c.executionCtx.waitUntil(recordRefusal({ code, route, field, from, now: Date.now() }, c.env));
}

/** RFC 6750, 3: without credentials a challenge and nothing more; with bad ones, the error. */
const CHALLENGE = {
  missing: 'Bearer realm="cartwright"',
  invalid_token: 'Bearer realm="cartwright", error="invalid_token"',
};

/** Who calls. Failure policy: closed; without the issuer's keys (time-out 3 s) nobody is signed in. */
function signIn(): MiddlewareHandler<AppEnv> {
  let keys: JWTVerifyGetKey | undefined;
  return async (c, next) => {
    const { OIDC_ISSUER: issuer } = c.env;
    const audiences = audiencesOf(c.env.OIDC_AUDIENCE);
    keys ??= issuerKeys({ issuer, fetch: (url, init) => fetch(url, init), now: Date.now });
    const checked = await checkToken(authorizationOf(c.req.raw.headers), { issuer, audiences }, keys, new Date());
    if (!checked.ok) {
      if (checked.reason === "unavailable") return problemResponse("unavailable");
      if (checked.reason === "invalid_token") refuseAndRecord(c, "invalid_token", null);
      return problemResponse("invalid_token", { headers: { "www-authenticate": CHALLENGE[checked.reason] } });
    }
    const person = checked.value;
    c.set("person", person);
    if (!(await c.env.APP_LIMIT.limit({ key: await limitKey(person, Date.now()) })).success)
      return problemResponse("too_many");
    // The identity room keeps both at first sight; a subject is an identifier with a type of its own.
    if ([person.email, person.name].some((claim) => claim !== null && looksLikePan(claim) !== null)) {
      refuseAndRecord(c, "pan_detected", "token");
      return problemResponse("pan_detected", { field: "token" });
    }
    await next();
    return undefined;
  };
}

/** The body, bounded and searched before any handler sees it. Its URL and headers were searched before (public.ts). */
const inspectBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const place = placeOf(c.req.path);
  if (place?.withBody.includes(c.req.method)) {
    const body = await readJson(c.req.raw);
    if (!body.ok) return problemResponse(body.reason satisfies ProblemCode);
    // The identity room judges loyalty numbers: it knows the registered formats (CARDS-35).
    const judgedThere = place.template === "/v1/me/loyalty-cards";
    const field = panFieldOf(body.value.value, ourFields, judgedThere ? { number: isShortText } : {});
    if (field !== null) {
      refuseAndRecord(c, "pan_detected", field);
      return problemResponse("pan_detected", { field });
    }
    c.req.bodyCache.text = Promise.resolve(body.value.text) as never;
  }
  await next();
  return undefined;
};

const isShortText = (value: unknown): boolean => typeof value === "string" && value.length <= 32;
