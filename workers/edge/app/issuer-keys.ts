import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { readBody } from "../body.ts";
import { KeysUnavailable } from "./token.ts";

const TIME_OUT_MS = 3_000;
/** An unknown key asks the issuer again, but a flood of made-up ones only so often. */
const REFRESH_PAUSE_MS = 30_000;
const MAX_DOCUMENT_BYTES = 64 * 1024;

export interface IssuerKeysDeps {
  readonly issuer: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/**
 * The identity provider's public keys, kept for the isolate's life and asked for again once when a token names
 * one that is not there. OpenID Connect Discovery 1.0 and RFC 8414: the metadata's issuer must be the one configured.
 * Failure policy: closed. Time-out 3 s for both documents together; without keys every token is refused.
 */
export function issuerKeys(deps: IssuerKeysDeps): JWTVerifyGetKey {
  let known: Keys | null = null;
  let refreshed = Number.NEGATIVE_INFINITY;
  const load = async (): Promise<Keys> => {
    // Kept only once it is there: a refresh that fails leaves the keys that were known.
    known = await fetchKeys(deps);
    return known;
  };
  return async (header, token) => {
    const keys = known ?? (await load());
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || deps.now() - refreshed < REFRESH_PAUSE_MS) throw error;
      refreshed = deps.now();
      return (await load())(header, token);
    }
  };
}

type Keys = ReturnType<typeof createLocalJWKSet>;

async function fetchKeys(deps: IssuerKeysDeps): Promise<Keys> {
  const signal = AbortSignal.timeout(TIME_OUT_MS);
  try {
    const metadata = await fetchMetadata(deps, signal);
    if (metadata["issuer"] !== deps.issuer || typeof metadata["jwks_uri"] !== "string")
      throw new KeysUnavailable("the metadata is another issuer's");
    // A key set on another scheme than the issuer's own could be swapped on the way.
    if (new URL(metadata["jwks_uri"]).protocol !== new URL(deps.issuer).protocol)
      throw new KeysUnavailable("the key set is not where the issuer's scheme protects it");
    return createLocalJWKSet((await fetchJson(deps, metadata["jwks_uri"], signal)) as unknown as JSONWebKeySet);
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    throw new KeysUnavailable("the issuer does not answer");
  }
}

/**
 * OpenID Connect Discovery 1.0, 4.1, puts the well-known path after the issuer's; RFC 8414, 3.1, before it, and names
 * the document for OAuth alone. A provider that has not the first (404) is asked for the others.
 */
async function fetchMetadata(deps: IssuerKeysDeps, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { origin, pathname } = new URL(deps.issuer);
  const path = pathname.replace(/\/$/, "");
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  for (const place of new Set(places)) {
    try {
      return await fetchJson(deps, place, signal);
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
    }
  }
  throw new KeysUnavailable("the issuer has no metadata");
}

class NotThere extends KeysUnavailable {}

async function fetchJson(deps: IssuerKeysDeps, url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await deps.fetch(url, { signal, redirect: "manual", headers: { accept: "application/json" } });
  if (response.status === 404) throw new NotThere("status 404");
  if (response.status !== 200) throw new KeysUnavailable(`status ${response.status}`);
  const bytes = await readBody(response, MAX_DOCUMENT_BYTES);
  const value: unknown = bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== "object" || value === null) throw new KeysUnavailable("not a JSON object");
  return value as Record<string, unknown>;
}
