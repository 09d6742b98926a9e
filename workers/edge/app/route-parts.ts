import { z } from "@hono/zod-openapi";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

/** What the declarations of routes have in common. */

const codes = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];
const ProblemSchema = z
  .object({
    type: z.string().openapi({ format: "uri-reference" }),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    field: z.string().optional().openapi({ description: "The field of ours that was refused" }),
  })
  .openapi("Problem", { description: "RFC 9457. Nothing of the request is ever in it." });

export const json = <S extends z.ZodType>(schema: S) => ({ "application/json": { schema } });
export const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: json(schema) });

/** The problem responses of a route, by status, from the closed set. */
export function refusals(...which: readonly ProblemCode[]) {
  const byStatus = new Map<number, string[]>();
  for (const code of which) {
    const [status, title] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, texts]) => [
      status,
      { description: `${texts.join(". ")}.`, content: { "application/problem+json": { schema: ProblemSchema } } },
    ]),
  );
}

export const signedIn = ["invalid_token", "pan_detected", "too_many", "unavailable"] as const;
export const withBody = [...signedIn, "malformed", "too_large", "unsupported_media_type", "invalid_field"] as const;
export const security = [{ accessToken: [] }];
