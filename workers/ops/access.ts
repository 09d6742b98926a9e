import type { MiddlewareHandler } from "hono";
import type { CryptoKey } from "jose";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";
import { importStaffKey, readStaffToken, type Staff, type StaffRole } from "./staff-token.ts";

/** What a route of the ops door has at hand. */
export interface OpsContext {
  Bindings: Env;
  Variables: { staff: Staff };
}

/** Lets a request through when its bearer token (RFC 6750) holds one of these roles. */
export function only(...roles: readonly StaffRole[]): MiddlewareHandler<OpsContext> {
  return async (c, next) => {
    const realm = `Bearer realm="cartwright-ops/${c.env.CELL}"`;
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (token === undefined) return problem("invalid_token", { headers: { "www-authenticate": realm } });
    const staff = await readStaffToken(token, await staffKey(c.env), c.env.CELL, Date.now());
    if (!staff.ok)
      return problem("invalid_token", { headers: { "www-authenticate": `${realm}, error="invalid_token"` } });
    if (!staff.value.roles.some((role) => roles.includes(role)))
      return problem("forbidden", { headers: { "www-authenticate": `${realm}, error="insufficient_scope"` } });
    c.set("staff", staff.value);
    return next();
  };
}

let imported: { readonly json: string; readonly key: CryptoKey } | undefined;

/** Kept for the isolate's life. The key and not its promise: a promise belongs to the request that made it. */
async function staffKey(env: Env): Promise<CryptoKey> {
  const json = env.STAFF_VERIFICATION_JWK;
  if (imported?.json === json) return imported.key;
  const key = await importStaffKey(json);
  imported = { json, key };
  return key;
}
