import { type CryptoKey, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

/** The audience of the shopper's app, as the edge's OIDC_AUDIENCE names it (RFC 9068, 4). */
export const AUDIENCE = "cartwright-app";
/** The one public client; a demo has no others. */
export const CLIENT = "cartwright-demo-app";
export const LIFE_SECONDS = 600;

/** Tokens that are wrong in one way each, for tests of who checks them. */
export const WRONGS = ["expired", "audience", "issuer", "key", "type"] as const;
export type Wrong = (typeof WRONGS)[number];

export interface Grant {
  readonly username: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly wrong: Wrong | null;
}

/** What the provider signs with, and what it publishes of it. */
export interface ProviderKey {
  readonly kid: string;
  readonly sign: CryptoKey;
  readonly published: JWK;
  /** Keys the subjects, so that a username can't be guessed from one. */
  readonly subjects: CryptoKey;
}

/** @throws Error when the secret is no private EC key in JWK form with a `kid`. */
export async function providerKey(secret: string): Promise<ProviderKey> {
  const jwk = JSON.parse(secret) as JWK;
  const { kty, crv, x, y, d, kid } = jwk;
  if (kty !== "EC" || crv !== "P-256" || !x || !y || !d || !kid)
    throw new Error("ISSUER_JWK is not a private P-256 key");
  const sign = await importJWK({ kty, crv, x, y, d }, "ES256");
  if (sign instanceof Uint8Array) throw new Error("ISSUER_JWK is not a private P-256 key");
  const subjects = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(`subjects ${d}`),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return { kid, sign, subjects, published: { kty, crv, x, y, kid, alg: "ES256", use: "sig" } };
}

/** An access token after RFC 9068: `at+jwt`, ES256, ten minutes. The same username is the same subject, always. */
export async function accessToken(key: ProviderKey, issuer: string, grant: Grant, now: number): Promise<string> {
  const { wrong } = grant;
  const seconds = Math.floor(now / 1000);
  const issued = wrong === "expired" ? seconds - 2 * LIFE_SECONDS : seconds;
  const sign = wrong === "key" ? (await generateKeyPair("ES256")).privateKey : key.sign;
  return new SignJWT({
    client_id: CLIENT,
    scope: "openid profile email",
    ...(grant.email === null ? {} : { email: grant.email, email_verified: true }),
    ...(grant.name === null ? {} : { name: grant.name }),
  })
    .setProtectedHeader({ alg: "ES256", typ: wrong === "type" ? "JWT" : "at+jwt", kid: key.kid })
    .setIssuer(wrong === "issuer" ? `${issuer}/other` : issuer)
    .setSubject(await subjectOf(key, grant.username))
    .setAudience(wrong === "audience" ? "another-app" : AUDIENCE)
    .setJti(crypto.randomUUID())
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFE_SECONDS)
    .sign(sign);
}

async function subjectOf(key: ProviderKey, username: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key.subjects, new TextEncoder().encode(username)));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A demo grant from a form, or why it is refused (the error codes of RFC 6749, 5.2). */
export function parseGrant(form: URLSearchParams): Grant | "invalid_request" | "invalid_client" {
  const username = form.get("username") ?? "";
  const name = form.get("name");
  const email = form.get("email");
  const wrong = form.get("wrong");
  if ((form.get("client_id") ?? CLIENT) !== CLIENT) return "invalid_client";
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(username)) return "invalid_request";
  if (name !== null && (name === "" || name.length > 200)) return "invalid_request";
  if (email !== null && (email === "" || email.length > 254)) return "invalid_request";
  if (wrong !== null && !isWrong(wrong)) return "invalid_request";
  return { username, name, email, wrong };
}

function isWrong(text: string): text is Wrong {
  return WRONGS.some((each) => each === text);
}
