import type { Result } from "../../protocol/result.ts";
import { problem, type ProblemCode } from "./problem.ts";

/** A room's answer as HTTP: 204 for nothing, 200 with JSON, or the problem that its reason is. */
export function answer(result: Result<unknown, ProblemCode>): Response {
  if (!result.ok) return problem(result.reason);
  return result.value === undefined ? new Response(null, { status: 204 }) : Response.json(result.value);
}

/** As `answer`, with text or bytes in place of JSON. A log's resource that is not there is the door's 404. */
export function plain(
  result: Result<string | Uint8Array, "unknown" | "unavailable">,
  type = "text/plain; charset=utf-8",
): Response {
  if (!result.ok) return problem(result.reason === "unknown" ? "not_found" : result.reason);
  const body = typeof result.value === "string" ? result.value : Uint8Array.from(result.value);
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}
