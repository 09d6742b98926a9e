import { base64url, compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { parsePublicKey, thumbprintOf } from "../../protocol/staff/signed.ts";

/** Seconds that a proof is good for, and that its id is remembered (RFC 9449, 11.1). */
export const PROOF_LIFE = 60;
const CLOCK_SKEW = 5;

export interface ProofOf {
  readonly method: string;
  /** As it came, with its query. */
  readonly url: string;
  readonly token: string;
  /** RFC 7638 thumbprint of the key that the token is bound to. */
  readonly thumbprint: string;
}

/**
 * A proof that the sender holds the key that the token is bound to (RFC 9449, 4.3): for this method, this place and
 * this token, made within the last minute. Its id is the caller's to use up.
 */
export async function readProof(
  text: string,
  of: ProofOf,
  now: number,
): Promise<Result<{ readonly id: string; readonly expires: number }, "invalid_token">> {
  try {
    const { typ, alg, jwk } = decodeProtectedHeader(text);
    const key = parsePublicKey(jwk);
    if (typ !== "dpop+jwt" || alg !== "ES256" || key === undefined) return fail("invalid_token");
    const { payload } = await compactVerify(text, await importJWK({ ...key }, "ES256"), { algorithms: ["ES256"] });
    if ((await thumbprintOf(key)) !== of.thumbprint) return fail("invalid_token");
    const { htm, htu, iat, jti, ath } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    const { origin, pathname } = new URL(of.url);
    if (htm !== of.method || htu !== origin + pathname || ath !== (await digestOf(of.token)))
      return fail("invalid_token");
    if (typeof jti !== "string" || !/^[\w-]{16,64}$/.test(jti)) return fail("invalid_token");
    const seconds = now / 1000;
    if (typeof iat !== "number" || iat > seconds + CLOCK_SKEW || iat < seconds - PROOF_LIFE)
      return fail("invalid_token");
    return ok({ id: jti, expires: (iat + PROOF_LIFE + CLOCK_SKEW) * 1000 });
  } catch {
    return fail("invalid_token");
  }
}

async function digestOf(token: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}
