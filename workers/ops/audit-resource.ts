import { plain } from "./answer.ts";
import type { Env } from "./env.ts";

/** What C2SP tlog-tiles serves below the log's prefix, `/admin/v1/audit/`. */
export async function auditResource({ env }: { readonly env: Env }, path: string): Promise<Response> {
  const type = path.startsWith("tile/") ? "application/octet-stream" : "text/plain; charset=utf-8";
  return plain(await env.AUDIT.resource(path), type);
}
