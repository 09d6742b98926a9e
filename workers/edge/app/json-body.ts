import { fail, ok, type Result } from "../../../protocol/result.ts";
import { scanFields, type Exempt } from "../../../protocol/pan/tripwire.ts";
import { readBody } from "../body.ts";

export type BodyRefusal = "unsupported_media_type" | "too_large" | "malformed";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A request's JSON text, read up to the limit and known to parse. */
export async function readJson(
  request: Request,
): Promise<Result<{ readonly text: string; readonly value: unknown }, BodyRefusal>> {
  const mediaType = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") return fail("unsupported_media_type");
  const bytes = await readBody(request);
  if (bytes === null) return fail("too_large");
  try {
    const text = UTF8.decode(bytes);
    return ok({ text, value: JSON.parse(text) as unknown });
  } catch {
    return fail("malformed");
  }
}

/**
 * The name of the field with what looks like a card number; null when there is none. A name that is not one of
 * `ours` is input, and so is not told: the answer then is "body".
 */
export function panFieldOf(value: unknown, ours: readonly string[], exempt: Exempt): string | null {
  const fields = typeof value === "object" && value !== null ? value : { value };
  const hit = scanFields(fields as Record<string, unknown>, exempt);
  if (hit === null) return null;
  return ours.includes(hit.field) ? hit.field : "body";
}
