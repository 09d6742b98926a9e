import type { Result } from "../../protocol/result.ts";
import { problem, type ProblemCode } from "./problem.ts";

/** A room's answer as HTTP: 204 for nothing, 200 with JSON, or the problem that its reason is. */
export function answer(result: Result<unknown, ProblemCode>): Response {
  if (!result.ok) return problem(result.reason);
  return result.value === undefined ? new Response(null, { status: 204 }) : Response.json(result.value);
}
