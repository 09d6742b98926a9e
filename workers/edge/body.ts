/** The public API takes no larger body (protocol.md: 16 KiB). */
export const MAX_BODY_BYTES = 16 * 1024;

/**
 * A body's bytes, or null when it is larger than the limit: what lies beyond is never read.
 * A `Content-Length` above the limit is refused unread; a smaller one is not believed.
 */
export async function readBody(
  message: Pick<Request | Response, "headers" | "body">,
  limit: number = MAX_BODY_BYTES,
): Promise<Uint8Array | null> {
  if (Number(message.headers.get("content-length") ?? 0) > limit) {
    await message.body?.cancel();
    return null;
  }
  if (message.body === null) return new Uint8Array(0);
  const reader = (message.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
