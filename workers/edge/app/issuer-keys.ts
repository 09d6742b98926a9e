import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { readBody } from "../body.ts";
import { KeysUnavailable } from "./token.ts";

const TIME_OUT_MS = 3_000;
/** Keys of this age are loaded again before they are used: a key that the issuer has taken back is out by then. */
const FRESH_MS = 10 * 60_000;
/** While the issuer does not answer, the keys that were known hold so long after they were loaded, and no longer. */
const MOST_AGE_MS = 60 * 60_000;
/** Between two refreshes: a flood of made-up key ids, or an issuer that is down, is asked only so often. */
const REFRESH_PAUSE_MS = 30_000;
const MAX_DOCUMENT_BYTES = 64 * 1024;

export interface IssuerKeysDeps {
  readonly issuer: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/**
 * The identity provider's public keys, loaded again once they are ten minutes old, and once when a token names one that
 * is not there: what the issuer has taken back is not trusted for the isolate's life. OpenID Connect Discovery 1.0 and
 * RFC 8414: the metadata's issuer must be the one configured.
 * Failure policy: keys that were known hold for an hour at the most while the issuer does not answer; then, as without
 * any, closed: every token is refused. Time-out 3 s for both documents together.
 */
export function issuerKeys(deps: IssuerKeysDeps): JWTVerifyGetKey {
  let known: Loaded | null = null;
  let refreshed = Number.NEGATIVE_INFINITY;
  const load = async (): Promise<Keys> => {
    const at = deps.now();
    // Kept only once they are there: a load that fails leaves the keys that were known.
    const keys = await fetchKeys(deps);
    known = { keys, at };
    return keys;
  };
  const mayRefresh = () => deps.now() - refreshed >= REFRESH_PAUSE_MS;
  const current = async (): Promise<Keys> => {
    // Without keys that hold, each token asks: a request can't wait for what another one has begun.
    if (known === null || deps.now() - known.at >= MOST_AGE_MS) return load();
    const { keys, at } = known;
    if (deps.now() - at < FRESH_MS || !mayRefresh()) return keys;
    refreshed = deps.now();
    try {
      return await load();
    } catch {
      return keys;
    }
  };
  return async (header, token) => {
    const keys = await current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayRefresh()) throw error;
      refreshed = deps.now();
      return (await load())(header, token);
    }
  };
}

interface Loaded {
  readonly keys: Keys;
  /** When they were asked for, ms since the epoch. */
  readonly at: number;
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
