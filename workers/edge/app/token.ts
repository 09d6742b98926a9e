import { errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { Principal } from "../../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";

export interface TokenPolicy {
  readonly issuer: string;
  /** A token must be for one of them: a retailer's apps may each have their own. */
  readonly audiences: readonly string[];
}

/** `OIDC_AUDIENCE`: names separated by spaces. @throws Error when there is none: every token would be for somebody else */
export function audiencesOf(text: string): readonly string[] {
  const names = text.split(/\s+/).filter((name) => name !== "");
  if (names.length === 0) throw new Error("binding OIDC_AUDIENCE names nobody");
  return names;
}

/**
 * RFC 8725, 3.1: asymmetric signatures alone, and of those what identity providers use (RFC 7518, RFC 8037, RFC 9864).
 * A key of the set is only ever used for its own algorithm.
 */
const ALGORITHMS = ["ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA", "Ed25519"];

/** `missing`: no bearer token was sent; `unavailable`: the issuer's keys can't be had (failure policy: closed). */
export type TokenReason = "missing" | "invalid_token" | "unavailable";

/** Clocks of the issuer and the platform may differ by so much. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** Far above any real token, far below what is worth parsing. */
const MAX_TOKEN_CHARACTERS = 8192;

/** RFC 6750, 2.1: the only place where a token is taken from. */
export function bearerToken(authorization: string | null): string | null {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? "")?.[1] ?? null;
}

/**
 * The person that an access token names (RFC 9068: `typ` at+jwt, with iss, aud, exp and sub). Asymmetric
 * algorithms only, so that no published key can pass for a shared secret.
 * @param keyOf the issuer's keys; throws `JWKSNoMatchingKey` for one that it does not have
 */
export async function checkToken(
  authorization: string | null,
  policy: TokenPolicy,
  keyOf: JWTVerifyGetKey,
  now: Date,
): Promise<Result<Principal, TokenReason>> {
  const token = bearerToken(authorization);
  if (token === null) return fail(authorization === null ? "missing" : "invalid_token");
  if (token.length > MAX_TOKEN_CHARACTERS) return fail("invalid_token");
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: ALGORITHMS,
      typ: "at+jwt",
      issuer: policy.issuer,
      audience: [...policy.audiences],
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
    });
    if (typeof payload.sub !== "string" || payload.sub.length === 0 || payload.sub.length > 255)
      return fail("invalid_token");
    return ok({
      issuer: policy.issuer,
      subject: payload.sub,
      email: textClaim(payload["email"]),
      name: textClaim(payload["name"]),
      // Above its time of day a token would outlive an erasure, so one from the future counts as from now.
      issuedAt: payload.iat === undefined ? null : Math.min(payload.iat, Math.floor(now.getTime() / 1000)),
    });
  } catch (error) {
    if (error instanceof KeysUnavailable) return fail("unavailable");
    if (error instanceof errors.JOSEError) return fail("invalid_token");
    throw error;
  }
}

/** Thrown by a key source that can't reach its issuer: no key, no answer, never a pass. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** OIDC Core, 5.1: claims about the person are optional; what is no short text is left out. */
function textClaim(claim: unknown): string | null {
  return typeof claim === "string" && claim.length > 0 && claim.length <= 254 ? claim : null;
}
