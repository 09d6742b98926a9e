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

let imported: { readonly json: string; readonly key: Promise<CryptoKey> } | undefined;

function staffKey(env: Env): Promise<CryptoKey> {
  if (imported?.json !== env.STAFF_VERIFICATION_JWK)
    imported = { json: env.STAFF_VERIFICATION_JWK, key: importStaffKey(env.STAFF_VERIFICATION_JWK) };
  return imported.key;
}
