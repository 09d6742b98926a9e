import { fail, ok, type Result } from "../../../protocol/result.ts";

/** Reads a body as text, giving up as soon as it is longer than allowed. */
export async function readBody(request: Request, maxBytes: number): Promise<Result<string, "too_large" | "malformed">> {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (request.body !== null) {
    const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > maxBytes) {
        await reader.cancel();
        return fail("too_large");
      }
      parts.push(value);
    }
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
    return ok(parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode());
  } catch {
    return fail("malformed");
  }
}

/** The media type without its parameters, in lower case. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** 8 to 128 printable characters without a space; a UUID is usual. */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key");
  return key !== null && /^[\x21-\x7e]{8,128}$/.test(key) ? key : undefined;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
