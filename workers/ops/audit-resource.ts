import { plain } from "./answer.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";

/** What C2SP tlog-tiles serves below the log's prefix, `/admin/v1/audit/`. */
export async function auditResource({ env }: { readonly env: Env }, path: string): Promise<Response> {
  const type = path.startsWith("tile/") ? "application/octet-stream" : "text/plain; charset=utf-8";
  return plain(await env.AUDIT.resource(path), type);
}

/** A tile of hashes, which says nothing of what entries hold; a bundle of entries is not one, however its path is written. */
export async function hashTile(asked: { readonly env: Env }, tile: string): Promise<Response> {
  return /^\d/.test(tile) ? auditResource(asked, `tile/${tile}`) : problem("not_found");
}
