import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, SignJWT, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import type { CellKeys } from "../platform/keys.ts";
import type { LogName } from "../platform/log-keys.ts";
import { PORTS } from "../platform/rooms.ts";
import { staffClient } from "../staff/client.ts";

/** Where a log is read: what lies under a path below its prefix, null when nothing does. */
export interface LogSource {
  read(path: string): Promise<Bytes | null>;
  /** Brings a checkpoint that a witness cosigned. */
  cosign(note: string): Promise<void>;
}

/** A log whose door is not what was asked for, or that does not answer. */
export class SourceError extends Error {
  override name = "SourceError";
}

const TIMEOUT_MS = 30_000;
/** Seconds; the door takes ten minutes at most. */
const TOKEN_LIFE = 300;

/** A log that `download` left, or any copy of one: a file a path. */
export function folderSource(folder: string): LogSource {
  return {
    read: async (path) => {
      const file = join(folder, path);
      return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
    },
    cosign: async () => {
      throw new SourceError("a folder takes no cosignatures");
    },
  };
}

interface Where {
  readonly cell: Cell;
  readonly keys: CellKeys;
  /** In place of the local one. */
  readonly origin: string | undefined;
  /** At the ops door: a witness is not shown entries. The environment's own door knows auditors alone. */
  readonly as: "auditor" | "witness";
}

/** The door of a running cell's log: the ops door, or the environment's own. */
export function runningSource(
  cell: Cell,
  log: LogName,
  keys: CellKeys,
  origin?: string,
  as: Where["as"] = "auditor",
): LogSource {
  return log === "platform" ? opsSource({ cell, keys, origin, as }) : cdeSource(cell, keys, origin);
}

function opsSource({ cell, keys, origin = `http://127.0.0.1:${PORTS[cell].ops}`, as }: Where): LogSource {
  const client = staffClient({ cell, origin, signingJwk: keys.outside.staffSigningJwk, roles: [as] });
  return {
    read: (path) => client.getBytes(`/admin/v1/audit/${path}`),
    cosign: async (note) => {
      await client.postText("/admin/v1/audit/cosignatures", "text/plain", note);
    },
  };
}

function cdeSource(cell: Cell, keys: CellKeys, origin = `http://127.0.0.1:${PORTS[cell].pay}`): LogSource {
  let token: { readonly text: string; readonly until: number } | undefined;
  const ask = async (method: string, path: string, body?: string): Promise<Response> => {
    if (token === undefined || token.until < Date.now())
      token = {
        text: await auditorToken(keys.outside.logKeys.auditorJwk, new URL(origin).origin),
        until: Date.now() + (TOKEN_LIFE - 60) * 1000,
      };
    const headers = { authorization: `Bearer ${token.text}`, "content-type": "text/plain" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const call = { method, headers, signal, ...(body === undefined ? {} : { body }) };
    const response = await fetch(new URL(`/v1/audit/${path}`, origin), call).catch(() => null);
    if (response === null)
      throw new SourceError(
        `${method} ${origin}/v1/audit/${path}: nothing answers: is the platform running (npm start)?`,
      );
    if (!response.ok && response.status !== 404)
      throw new SourceError(`${method} /v1/audit/${path}: ${response.status}`);
    return response;
  };
  return {
    read: async (path) => {
      const response = await ask("GET", path);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    },
    cosign: async (note) => {
      const { ok, status } = await ask("POST", "cosignatures", note);
      if (!ok) throw new SourceError(`POST /v1/audit/cosignatures: ${status}`);
    },
  };
}

/** The auditor's token at the environment's door. */
export async function auditorToken(jwk: JWK, audience: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setIssuer("auditor")
    .setSubject("auditor")
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_LIFE}s`)
    .sign(await importJWK(jwk, "ES256"));
}
