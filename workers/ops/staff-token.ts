import { decodeJwt, importJWK, jwtVerify, type CryptoKey, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { ACCOUNT, STAFF_ROLES, type StaffRole } from "../../protocol/rooms/staff.ts";

export { STAFF_ROLES, type StaffRole } from "../../protocol/rooms/staff.ts";

export interface Staff {
  /** 1 to 64 of a-z, 0-9, `.`, `_`, `-`: an id of the retailer's, never a name or an address. */
  readonly id: string;
  /** Whose staff: another cell's have no role here, whatever their token says. */
  readonly cell: Cell;
  readonly roles: readonly StaffRole[];
  /** The token's own id, and its end in seconds since the epoch. */
  readonly token: { readonly id: string; readonly expires: number };
  /** RFC 7638 thumbprint of the key that the token is bound to (RFC 7800 `cnf`, RFC 9449 6); null for a bearer token. */
  readonly boundTo: string | null;
}

/** Public keys of staff sign-in: this cell's, and those of cells whose staff may be told ticket numbers here. */
export interface StaffIssuers {
  readonly own: CryptoKey;
  readonly peers: Readonly<Partial<Record<Cell, CryptoKey>>>;
}

/** Seconds from issue to end: a stolen token is worth ten minutes. */
const MAX_LIFE = 600;
/** Seconds that two machines' clocks may be apart. */
const CLOCK_SKEW = 5;
/** What a token that whoever holds it may use is good for. Everything about people needs one that is bound to a key. */
const BEARER_ROLES: readonly StaffRole[] = ["provisioning", "staff", "auditor", "witness"];

/**
 * Reads a token of staff (RFC 7519, RFC 8725): ES256 only, its issuer's key, this cell's audience, `sub`, `jti`, ten
 * minutes at most, roles of the closed list. Whatever is wrong, the caller learns only that it is.
 */
export async function readStaffToken(
  token: string,
  issuers: StaffIssuers,
  cell: Cell,
  now: number,
): Promise<Result<Staff, "invalid_token">> {
  try {
    const from = issuerOf(token);
    const key = from === cell ? issuers.own : from === undefined ? undefined : issuers.peers[from];
    if (from === undefined || key === undefined) return fail("invalid_token");
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["ES256"],
      issuer: `cartwright-staff/${from}`,
      audience: `cartwright-ops/${cell}`,
      requiredClaims: ["sub", "iat", "exp", "jti"],
      maxTokenAge: MAX_LIFE,
      clockTolerance: CLOCK_SKEW,
      currentDate: new Date(now),
    });
    const { sub = "", iat = 0, exp = 0, jti = "", roles, cnf } = payload;
    if (exp - iat > MAX_LIFE || exp <= iat) return fail("invalid_token");
    if (!ACCOUNT.test(sub) || !/^[\w-]{8,64}$/.test(jti)) return fail("invalid_token");
    if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole)) return fail("invalid_token");
    const boundTo = cnf === undefined ? null : thumbprintIn(cnf);
    if (boundTo === undefined) return fail("invalid_token");
    const held = boundTo === null ? roles.filter((role) => BEARER_ROLES.includes(role)) : roles;
    return ok({ id: sub, cell: from, roles: from === cell ? held : [], token: { id: jti, expires: exp }, boundTo });
  } catch {
    // jose throws on each: not a JWS, another algorithm or key, a claim that is missing, wrong or over.
    return fail("invalid_token");
  }
}

/** Read before it is believed, to know whose key must have signed. */
function issuerOf(token: string): Cell | undefined {
  const { iss } = decodeJwt(token);
  return iss === "cartwright-staff/us" ? "us" : iss === "cartwright-staff/eu" ? "eu" : undefined;
}

function thumbprintIn(cnf: unknown): string | undefined {
  const { jkt } = (typeof cnf === "object" && cnf !== null ? cnf : {}) as { jkt?: unknown };
  return typeof jkt === "string" && /^[\w-]{43}$/.test(jkt) ? jkt : undefined;
}

function isRole(role: unknown): role is StaffRole {
  return STAFF_ROLES.includes(role as StaffRole);
}

/**
 * The key that staff tokens are checked with.
 * @param json a public P-256 key as JWK
 */
export async function importStaffKey(json: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(json) as JWK, "ES256");
  if (key instanceof Uint8Array) throw new TypeError("STAFF_VERIFICATION_JWK is not a public key");
  return key;
}

/**
 * The other cells' sign-in keys by cell, public as they are; none believed unless the configuration names it.
 * @param json e.g. `{"us": {"kty": "EC", ...}}`
 */
export async function importPeerKeys(json: string): Promise<StaffIssuers["peers"]> {
  const named = Object.entries(JSON.parse(json) as Record<string, JWK>);
  return Object.fromEntries(
    await Promise.all(named.map(async ([cell, jwk]) => [cell, await importStaffKey(JSON.stringify(jwk))])),
  );
}
