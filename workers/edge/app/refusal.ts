import type { TypedResponse } from "hono";
import { problemResponse, type ProblemCode } from "./problem.ts";

/** A refusal as any route may answer it; what it says is checked by the closed set, not by the route's type. */
export type Refusal = Response & TypedResponse<never, never, never>;

export const refusal = (code: ProblemCode, field?: string): Refusal =>
  problemResponse(code, field === undefined ? {} : { field }) as Refusal;
