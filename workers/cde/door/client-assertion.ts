import { jwtVerify } from "jose";
import { CLIENT_ASSERTION_MAX_SECONDS, READER_VENDOR_CLIENT } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";

const CLOCK_SKEW_SECONDS = 5;

export interface ClientAssertion {
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * Checks the reader vendor's `private_key_jwt` (RFC 7523, 3): all but the single use of `jti`.
 * @param audiences the pay origin, and the origin with the called path
 */
export async function clientAssertion(
  authorization: string | null,
  key: CryptoKey,
  audiences: readonly string[],
  now: number,
): Promise<Result<ClientAssertion, "client_auth">> {
  const token = /^Bearer ([A-Za-z0-9_.-]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return fail("client_auth");
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["ES256"],
      issuer: READER_VENDOR_CLIENT,
      subject: READER_VENDOR_CLIENT,
      audience: [...audiences],
      currentDate: new Date(now),
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ["exp", "jti"],
    });
    const { exp = 0, jti } = payload;
    if (typeof jti !== "string" || jti.length < 8 || jti.length > 128) return fail("client_auth");
    if (exp - now / 1000 > CLIENT_ASSERTION_MAX_SECONDS + CLOCK_SKEW_SECONDS) return fail("client_auth");
    return ok({ jti, expires: (exp + CLOCK_SKEW_SECONDS) * 1000 });
  } catch {
    return fail("client_auth");
  }
}
