/** The public API takes no larger body (docs/openapi.json, `too_large`). */
export const MAX_BODY_BYTES = 16 * 1024;

/**
 * What is thrown away of a body that is too large before its connection is cut: a client that is still sending
 * when the connection closes sees a broken pipe in place of its 413.
 */
const DISCARDED_BYTES = 1024 * 1024;

/**
 * A body's bytes, or null when it is larger than the limit: nothing beyond is kept or looked at.
 * With a `Content-Length` HTTP's own framing bounds the body, so one within the limit is read in one go (a packed
 * one unpacks to any size, and is counted).
 */
export async function readBody(
  message: Pick<Request | Response, "headers" | "body" | "arrayBuffer">,
  limit: number = MAX_BODY_BYTES,
): Promise<Uint8Array | null> {
  if (message.body === null) return new Uint8Array(0);
  const announced = message.headers.get("content-length");
  const packed = message.headers.has("content-encoding");
  if (!packed && announced !== null && /^\d{1,9}$/.test(announced) && Number(announced) <= limit) {
    const bytes = new Uint8Array(await message.arrayBuffer());
    return bytes.byteLength <= limit ? bytes : null;
  }
  const reader = (message.body as ReadableStream<Uint8Array>).getReader();
  if (announced !== null && Number(announced) > limit) return discard(reader);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, size);
    size += value.byteLength;
    if (size > limit) return discard(reader);
    chunks.push(value);
  }
}

async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<null> {
  for (let size = 0; size < DISCARDED_BYTES;) {
    const { done, value } = await reader.read();
    if (done) return null;
    size += value.byteLength;
  }
  await reader.cancel();
  return null;
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  // A view into a larger buffer would take the whole buffer with it across an RPC.
  if (chunks.length === 1 && only?.byteLength === only?.buffer.byteLength) return only as Uint8Array;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
