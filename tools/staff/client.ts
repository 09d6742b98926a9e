import { importJWK, SignJWT, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import type { StaffRole } from "../../protocol/rooms/staff.ts";
import { makeSessionKey, type SessionKey } from "./proof.ts";

export type { StaffRole } from "../../protocol/rooms/staff.ts";

/** What a bearer token is good for; a token with any other role is bound to a key of its session. */
export const BEARER_ROLES: readonly StaffRole[] = ["provisioning", "staff", "auditor", "witness"];

/** A call that the ops door refused, or that it did not answer (`unreachable`). */
export class OpsError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(call: string, status: number, code: string, field: string | undefined) {
    const refusal = `${status} ${code}${field === undefined ? "" : ` (${field})`}`;
    super(`${call}: ${status === 0 ? "nothing answers (unreachable): is the platform running (npm start)?" : refusal}`);
    this.name = "OpsError";
    this.status = status;
    this.code = code;
  }
}

export interface StaffClient {
  /** @throws OpsError */
  get<T>(path: string): Promise<T>;
  /** What is there as bytes; null when nothing is (404). @throws OpsError */
  getBytes(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** @throws OpsError */
  put<T>(path: string, body: object): Promise<T>;
  /** @throws OpsError */
  post<T>(path: string, body?: object): Promise<T>;
  /** Sends text of another media type, e.g. a catalogue. @throws OpsError */
  postText<T>(path: string, mediaType: string, text: string): Promise<T>;
  /** Sends bytes of another media type, e.g. a firmware image. @throws OpsError */
  putBytes<T>(path: string, mediaType: string, bytes: Uint8Array): Promise<T>;
}

export interface StaffClientOptions {
  readonly cell: Cell;
  /** The ops origin, e.g. `http://127.0.0.1:8798`. */
  readonly origin: string;
  /** The demo key that stands in for the hardware-key sign-in. */
  readonly signingJwk: JWK;
  /** The member of staff: a-z, 0-9, `.`, `_`, `-`. */
  readonly staff?: string;
  readonly roles?: readonly StaffRole[];
  /** The cell whose sign-in made the token, when it is not the one that is called. */
  readonly home?: Cell;
}

/** Seconds. The door accepts ten minutes at most. */
const TOKEN_LIFE = 300;
/** A catalogue of 5 MB takes the longest. */
const TIMEOUT_MS = 30_000;
/** Every call of the ops door may be sent twice, so one that met a busy platform is sent again. */
const ATTEMPTS = 3;
const RETRY_MS = 250;

/**
 * Calls the ops door as a member of staff. Time-out 30 s a call. All calls are idempotent (the same body sent
 * twice changes nothing more), so `unavailable`, time-outs and broken connections are tried three times.
 */
export function staffClient(options: StaffClientOptions): StaffClient {
  let token: { readonly text: string; readonly until: number; readonly key: SessionKey | undefined } | undefined;
  const bound = options.home !== undefined || options.roles?.some((role) => !BEARER_ROLES.includes(role)) === true;
  const credentials = async (method: string, url: string): Promise<Record<string, string>> => {
    if (token === undefined || token.until < Date.now()) {
      const key = bound ? await makeSessionKey() : undefined;
      const text = await signStaffToken({ ...options, ...(key === undefined ? {} : { boundTo: key.thumbprint }) });
      token = { text, until: Date.now() + (TOKEN_LIFE - 60) * 1000, key };
    }
    if (token.key === undefined) return { authorization: `Bearer ${token.text}` };
    return { authorization: `DPoP ${token.text}`, dpop: await token.key.proof(method, url, token.text) };
  };
  const respond = async (
    method: string,
    path: string,
    mediaType?: string,
    body?: string | Uint8Array,
  ): Promise<Response> => {
    const call = `${method} ${path}`;
    for (let attempt = 1; ; attempt += 1) {
      const url = new URL(path, options.origin);
      const response = await fetch(url, {
        method,
        headers: {
          ...(await credentials(method, url.href)),
          ...(mediaType === undefined ? {} : { "content-type": mediaType }),
        },
        ...(body === undefined ? {} : { body: body as BodyInit }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch(() => null);
      if (response?.ok === true) return response;
      const problem = await problemOf(response);
      if (attempt === ATTEMPTS || (response !== null && response.status !== 503))
        throw new OpsError(call, response?.status ?? 0, problem.code, problem.field);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  };
  const send = async <T>(method: string, path: string, mediaType?: string, body?: string | Uint8Array): Promise<T> => {
    const response = await respond(method, path, mediaType, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  const json = <T>(method: string, path: string, body: object) =>
    send<T>(method, path, "application/json", JSON.stringify(body));
  return {
    get: (path) => send("GET", path),
    getBytes: async (path) => {
      try {
        return new Uint8Array(await (await respond("GET", path)).arrayBuffer());
      } catch (error) {
        if (error instanceof OpsError && error.status === 404) return null;
        throw error;
      }
    },
    put: (path, body) => json("PUT", path, body),
    post: (path, body) => (body === undefined ? send("POST", path) : json("POST", path, body)),
    postText: (path, mediaType, text) => send("POST", path, mediaType, text),
    putBytes: (path, mediaType, bytes) => send("PUT", path, mediaType, bytes),
  };
}

/** A staff token of the cell, signed with the demo key. @param options `boundTo`: the thumbprint of its session's key */
export async function signStaffToken(
  options: Omit<StaffClientOptions, "origin"> & { readonly boundTo?: string },
): Promise<string> {
  const cnf = options.boundTo === undefined ? {} : { cnf: { jkt: options.boundTo } };
  return new SignJWT({ roles: options.roles ?? BEARER_ROLES, ...cnf })
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setIssuer(`cartwright-staff/${options.home ?? options.cell}`)
    .setAudience(`cartwright-ops/${options.cell}`)
    .setSubject(options.staff ?? "demo-staff")
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_LIFE}s`)
    .setJti(crypto.randomUUID())
    .sign(await importJWK(options.signingJwk, "ES256"));
}

async function problemOf(response: Response | null): Promise<{ code: string; field?: string }> {
  if (response === null) return { code: "unreachable" };
  const body = (await response.json().catch(() => ({}))) as { code?: string; field?: string };
  return { code: body.code ?? "no_problem_details", ...(body.field === undefined ? {} : { field: body.field }) };
}
