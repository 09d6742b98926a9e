import { Hono, type Context } from "hono";
import { fail, type Result } from "../../../protocol/result.ts";
import type { CdeContext } from "../context.ts";
import { mediaType, readBody } from "../door/body.ts";
import { problemResponse } from "../problem.ts";
import { accessLog } from "./access-log.ts";
import { auditorToken } from "./auditor-token.ts";

const MAX_NOTE = 16_384;
/** Longer than any path of a tile. */
const MAX_PATH = 80;

/** The access log's door, for the auditor and for witnesses: what C2SP tlog-tiles serves, proofs, cosignatures. */
export const auditRoutes = new Hono<CdeContext>();

auditRoutes.use("/v1/audit/*", async (c, next) => {
  const key = c.get("machine").auditor;
  const { origin } = new URL(c.env.PAY_ORIGIN);
  if (!(await auditorToken(c.req.header("authorization") ?? null, key, origin, Date.now())))
    return problemResponse("client_auth", undefined, { "www-authenticate": "Bearer" });
  return next();
});

auditRoutes.get("/v1/audit/proofs/:index", async (c) => {
  const index = /^[0-9]{1,15}$/.test(c.req.param("index")) ? Number(c.req.param("index")) : -1;
  return answer(c, await closed(() => accessLog(c.env).proof(index)), "text/plain; charset=utf-8");
});

auditRoutes.post("/v1/audit/cosignatures", async (c) => {
  if (mediaType(c.req.raw) !== "text/plain") return problemResponse("media_type");
  const note = await readBody(c.req.raw, MAX_NOTE);
  if (!note.ok) return problemResponse(note.reason);
  const kept = await closed(() => accessLog(c.env).addCosignatures(note.value));
  if (kept.ok) return c.json(kept.value);
  return problemResponse(kept.reason === "unavailable" ? "audit_log" : "field");
});

auditRoutes.get("/v1/audit/:path{.+}", async (c) => {
  const path = c.req.param("path");
  const found = path.length > MAX_PATH ? fail("unknown") : await closed(() => accessLog(c.env).resource(path));
  return answer(c, found, path.startsWith("tile/") ? "application/octet-stream" : "text/plain; charset=utf-8");
});

function answer(
  c: Context<CdeContext>,
  found: Result<Uint8Array | string, "unknown" | "unavailable">,
  type: string,
): Response {
  if (!found.ok) return problemResponse(found.reason === "unknown" ? "not_found" : "audit_log");
  const body = typeof found.value === "string" ? found.value : Uint8Array.from(found.value);
  return c.body(body, 200, { "content-type": type, "cache-control": "no-store" });
}

/** The object's throw is its refusal to go on, or its absence. */
async function closed<T, R extends string>(work: () => Promise<Result<T, R>>): Promise<Result<T, R | "unavailable">> {
  try {
    return await work();
  } catch (error) {
    console.error(JSON.stringify({ event: "access_log_unavailable", error: (error as Error).name }));
    return fail("unavailable");
  }
}
