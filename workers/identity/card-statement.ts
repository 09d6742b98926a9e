import { base64url, compactVerify, importJWK, type CryptoKey as JoseKey, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { CARD_STATEMENT_TYPE, cardStatementAudience, type CardStatement } from "../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { utf8 } from "./bytes.ts";

/** How far the CDE's clock may run ahead of ours, seconds. */
const CLOCK_SKEW_SECONDS = 5;

/** Why a statement was not believed: for the audit log. The outside sees one answer for all. */
export type StatementRefusal = "signature" | "type" | "malformed" | "audience" | "stale" | "other_token";

/** @throws Error naming the secret when it is no public P-256 key; never showing it */
export async function statementKey(jwk: string): Promise<CryptoKey> {
  try {
    const { kty, crv, x, y } = JSON.parse(jwk) as JWK;
    if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined) throw new Error();
    return (await importJWK({ kty, crv, x, y }, "ES256")) as CryptoKey;
  } catch {
    throw new Error("secret CDE_VERIFICATION_JWK is not a public P-256 key");
  }
}

/**
 * What the CDE says of the card behind a token (RFC 7515, compact, ES256 only).
 * @param now milliseconds since the epoch
 */
export async function believedStatement(
  key: JoseKey,
  cell: Cell,
  card: { readonly token: string; readonly statement: string },
  now: number,
): Promise<Result<CardStatement, StatementRefusal>> {
  let claims: unknown;
  try {
    const { payload, protectedHeader } = await compactVerify(card.statement, key, { algorithms: ["ES256"] });
    // The same key signs the CDE's answers to the forwarder.
    if (protectedHeader.typ !== CARD_STATEMENT_TYPE) return fail("type");
    claims = JSON.parse(new TextDecoder().decode(payload)) as unknown;
  } catch {
    return fail("signature");
  }
  if (!isStatement(claims)) return fail("malformed");
  if (claims.aud !== cardStatementAudience(cell)) return fail("audience");
  const seconds = now / 1000;
  if (claims.exp <= seconds || claims.iat > seconds + CLOCK_SKEW_SECONDS) return fail("stale");
  const hash = await crypto.subtle.digest("SHA-256", utf8(card.token));
  return claims.token_hash === base64url.encode(new Uint8Array(hash)) ? ok(claims) : fail("other_token");
}

function isStatement(value: unknown): value is CardStatement {
  if (typeof value !== "object" || value === null) return false;
  const {
    aud,
    iat,
    exp,
    token_hash: hash,
    reference,
    scheme,
    last4,
    exp_month: month,
    exp_year: year,
  } = value as Record<string, unknown>;
  const texts = [
    [hash, /^[A-Za-z0-9_-]{43}$/],
    [reference, /^[A-Za-z0-9_-]{43}$/],
    [scheme, /^[a-z]{3,16}$/],
    [last4, /^[0-9]{4}$/],
  ] as const;
  return (
    typeof aud === "string" &&
    Number.isSafeInteger(iat) &&
    Number.isSafeInteger(exp) &&
    Number.isSafeInteger(month) &&
    Number.isSafeInteger(year) &&
    texts.every(([text, form]) => typeof text === "string" && form.test(text))
  );
}
