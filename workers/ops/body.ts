import type { ZodType } from "zod";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { problem } from "./problem.ts";

/** Bytes of a JSON body: a manifest of 5,000 carts fits. */
export const MAX_JSON = 1024 * 1024;
/** Bytes of a signed note with its cosignatures. */
export const MAX_NOTE = 16 * 1024;
/** Bytes of a catalogue. */
export const MAX_CSV = 5 * 1024 * 1024;

type BodyReason = "too_large" | "unsupported_media_type" | "malformed";

/**
 * The body as a checked value, or the refusal to send. A zod issue is answered by the place of the field alone:
 * nothing that was sent comes back.
 * @param inspect sees the body before its form is judged; what it answers is the refusal to send
 */
export async function readJson<T>(
  request: Request,
  schema: ZodType<T>,
  inspect: (json: unknown) => Promise<Response | null>,
): Promise<T | Response> {
  const text = await readText(request, "application/json", MAX_JSON);
  if (!text.ok) return problem(text.reason);
  let json: unknown;
  try {
    json = JSON.parse(text.value);
  } catch {
    return problem("malformed");
  }
  const refused = await inspect(json);
  if (refused !== null) return refused;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
  return problem("invalid_field", place === "" ? {} : { field: place });
}

/** The body as UTF-8 text of one media type, never longer than the limit in memory. */
export async function readText(
  request: Request,
  mediaType: string,
  limit: number,
): Promise<Result<string, BodyReason>> {
  const bytes = await readBytes(request, mediaType, limit);
  if (!bytes.ok) return bytes;
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes.value));
  } catch {
    return fail("malformed");
  }
}

/** The body's bytes of one media type, never more than the limit in memory. */
export async function readBytes(
  request: Request,
  mediaType: string,
  limit: number,
): Promise<Result<Uint8Array, BodyReason>> {
  const declared = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (declared !== mediaType) return fail("unsupported_media_type");
  if (Number(request.headers.get("content-length") ?? 0) > limit) return fail("too_large");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) return fail("too_large");
    chunks.push(chunk);
  }
  return ok(new Uint8Array(await new Blob(chunks).arrayBuffer()));
}
