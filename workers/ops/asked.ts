import type { ZodType } from "zod";
import { readJson } from "./body.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";
import type { Staff } from "./staff-token.ts";
import { panInBody, refusePan } from "./tripwire.ts";

/** One call of the door, let in. */
export interface Asked {
  /** The call's method and template. */
  readonly route: string;
  readonly env: Env;
  readonly request: Request;
  readonly staff: Staff;
  /** Parts of the path by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

export type Handler = (asked: Asked) => Promise<Response>;

/** Goes on with a part of the path that has its form. */
export async function path<T>(
  { params }: Asked,
  name: string,
  form: ZodType<T>,
  then: (value: T) => Promise<Response>,
): Promise<Response> {
  const parsed = form.safeParse(params[name]);
  return parsed.success ? then(parsed.data) : problem("invalid_field", { field: name });
}

/** Goes on with a JSON body that has its form and holds no card number. */
export async function body<T>(
  asked: Asked,
  form: ZodType<T>,
  then: (value: T) => Promise<Response>,
): Promise<Response> {
  const value = await readJson(asked.request, form, async (json) => {
    const hit = panInBody(json);
    return hit === null ? null : refusePan(asked.env, { ...incidentOf(asked), ...hit });
  });
  return value instanceof Response ? value : then(value);
}

export function incidentOf({ route, staff }: Asked): { route: string; staff: string; when: number } {
  return { route, staff: staff.id, when: Date.now() };
}
