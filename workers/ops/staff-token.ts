import { importJWK, jwtVerify, type CryptoKey, type JWK } from "jose";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** What a member of staff may do; a token may carry several. */
export const STAFF_ROLES = ["provisioning", "staff", "auditor"] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

export interface Staff {
  /** 1 to 64 of a-z, 0-9, `.`, `_`, `-`: an id of the retailer's, never a name or an address. */
  readonly id: string;
  readonly roles: readonly StaffRole[];
}

/** Seconds from issue to end: a stolen token is worth ten minutes. */
const MAX_LIFE = 600;
/** Seconds that two machines' clocks may be apart. */
const CLOCK_SKEW = 5;

/**
 * Reads a bearer token of staff (RFC 7519, RFC 8725): ES256 only, this cell's issuer and audience, `sub`, `jti`,
 * ten minutes at most, roles of the closed list. Whatever is wrong, the caller learns only that it is.
 */
export async function readStaffToken(
  token: string,
  key: CryptoKey,
  cell: string,
  now: number,
): Promise<Result<Staff, "invalid_token">> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["ES256"],
      issuer: `cartwright-staff/${cell}`,
      audience: `cartwright-ops/${cell}`,
      requiredClaims: ["sub", "iat", "exp", "jti"],
      maxTokenAge: MAX_LIFE,
      clockTolerance: CLOCK_SKEW,
      currentDate: new Date(now),
    });
    const { sub = "", iat = 0, exp = 0, jti = "", roles } = payload;
    if (exp - iat > MAX_LIFE || exp <= iat) return fail("invalid_token");
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(sub) || !/^[\w-]{8,64}$/.test(jti)) return fail("invalid_token");
    if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole)) return fail("invalid_token");
    return ok({ id: sub, roles });
  } catch {
    // jose throws on each: not a JWS, another algorithm or key, a claim that is missing, wrong or over.
    return fail("invalid_token");
  }
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
