import type { MiddlewareHandler } from "hono";
import type { Call } from "./calls.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";
import { recordRefusal } from "./staff-refusals.ts";
import { signIn, whoOf } from "./staff-sign-in.ts";
import type { Staff } from "./staff-token.ts";

/** What a route of the ops door has at hand. */
export interface OpsContext {
  Bindings: Env;
  Variables: { staff: Staff };
}

/** Lets a request through when its token (RFC 6750, RFC 9449) holds one of the call's roles. */
export function only(call: Call): MiddlewareHandler<OpsContext> {
  const route = `${call.method} ${call.path}`;
  return async (c, next) => {
    const challenge = (error?: string) => {
      const rest = `realm="cartwright-ops/${c.env.CELL}"${error === undefined ? "" : `, error="${error}"`}`;
      return { "www-authenticate": `Bearer ${rest}, DPoP algs="ES256", ${rest}` };
    };
    const now = Date.now();
    const none = c.req.header("authorization") === undefined;
    const entered = await signIn(c.req.raw, c.env, now);
    if (!entered.ok && entered.reason === "unavailable") return problem("unavailable");
    if (!entered.ok) {
      await recordRefusal(c.env, { code: "invalid_token", route, who: null, when: now });
      return problem("invalid_token", { headers: challenge(none ? undefined : "invalid_token") });
    }
    const staff = entered.value;
    const mayCall =
      staff.cell === c.env.CELL ? staff.roles.some((role) => call.roles.includes(role)) : call.foreign === true;
    if (!mayCall) {
      await recordRefusal(c.env, { code: "forbidden", route, who: whoOf(staff), when: now });
      return problem("forbidden", { headers: challenge("insufficient_scope") });
    }
    c.set("staff", staff);
    return next();
  };
}
