import { drizzle } from "drizzle-orm/d1";
import { and, eq, isNotNull } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Env } from "./env.ts";
import { staffAccounts, staffTokens, usedProofs } from "./schema.ts";
import { readProof } from "./staff-proof.ts";
import { importPeerKeys, importStaffKey, readStaffToken, type Staff, type StaffIssuers } from "./staff-token.ts";

const TOKEN = /^(Bearer|DPoP) ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Who is at the door (decision 0016). A token that is bound to a key comes with a proof of it (RFC 9449), each proof
 * good once; a bearer token carries no role about people. A token's first sight is a sign-in and in the audit log: when
 * the log does not answer, nobody signs in. An account that has ended is out at once, whatever its token says.
 */
export async function signIn(
  request: Request,
  env: Env,
  now: number,
): Promise<Result<Staff, "invalid_token" | "unavailable">> {
  const [, scheme, token] = TOKEN.exec(request.headers.get("authorization") ?? "") ?? [];
  if (scheme === undefined || token === undefined) return fail("invalid_token");
  const staff = await readStaffToken(token, await issuersOf(env), env.CELL, now);
  if (!staff.ok) return staff;
  const bound = staff.value.boundTo;
  if ((scheme.toLowerCase() === "dpop") !== (bound !== null)) return fail("invalid_token");
  let proof: { readonly id: string; readonly expires: number } | null = null;
  if (bound !== null) {
    const of = { method: request.method, url: request.url, token, thumbprint: bound };
    const read = await readProof(request.headers.get("dpop") ?? "", of, now);
    if (!read.ok) return read;
    proof = read.value;
  }
  try {
    return await remember(env, staff.value, proof, now);
  } catch {
    console.error("ops: a sign-in could not be kept");
    return fail("unavailable");
  }
}

/** Uses the proof up, and writes the token's first sight down: in the log before in the table, so that none is missed. */
async function remember(
  env: Env,
  staff: Staff,
  proof: { readonly id: string; readonly expires: number } | null,
  now: number,
): Promise<Result<Staff, "invalid_token" | "unavailable">> {
  const db = drizzle(env.STAFF_DB);
  const seen = db
    .select({ jti: staffTokens.jti })
    .from(staffTokens)
    .where(eq(staffTokens.jti, tokenId(staff)));
  const gone = db
    .select({ account: staffAccounts.account })
    .from(staffAccounts)
    .where(and(eq(staffAccounts.account, staff.cell === env.CELL ? staff.id : ""), isNotNull(staffAccounts.ended)));
  if (proof !== null) {
    const used = await db
      .insert(usedProofs)
      .values({ jti: `${staff.boundTo}:${proof.id}`, expires: proof.expires })
      .onConflictDoNothing();
    if (used.meta.changes !== 1) return fail("invalid_token");
  }
  const [known, ended] = await db.batch([seen, gone]);
  if (ended.length > 0) return fail("invalid_token");
  if (known.length > 0) return ok(staff);
  const appended = await env.AUDIT.append({
    who: whoOf(staff),
    kind: "sign_in",
    when: now,
    success: true,
    from: "ops",
    on: "ops",
    detail: { cell: staff.cell, bound: staff.boundTo !== null, roles: staff.roles.join(" ") },
  });
  if (!appended.ok) return fail("unavailable");
  await db
    .insert(staffTokens)
    .values({ jti: tokenId(staff), account: staff.id, expires: staff.token.expires * 1000 })
    .onConflictDoNothing();
  return ok(staff);
}

/** How the audit log names staff. */
export function whoOf({ id, cell }: Staff): string {
  return `staff:${cell}/${id}`;
}

function tokenId({ cell, token }: Staff): string {
  return `${cell}:${token.id}`;
}

let imported: { readonly json: string; readonly issuers: StaffIssuers } | undefined;

/** Kept for the isolate's life. The keys and not their promise: a promise belongs to the request that made it. */
async function issuersOf(env: Env): Promise<StaffIssuers> {
  const json = env.STAFF_VERIFICATION_JWK + env.PEER_STAFF_JWKS;
  if (imported?.json === json) return imported.issuers;
  const own = await importStaffKey(env.STAFF_VERIFICATION_JWK);
  const issuers = { own, peers: await importPeerKeys(env.PEER_STAFF_JWKS) };
  imported = { json, issuers };
  return issuers;
}
