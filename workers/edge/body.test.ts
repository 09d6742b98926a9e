import { describe, expect, it } from "vitest";
import { readBody } from "./body.ts";

function streamed(sizes: readonly number[], headers: HeadersInit = {}) {
  const state = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const size = sizes[state.pulled];
        if (size === undefined) return controller.close();
        controller.enqueue(new Uint8Array(size).fill(state.pulled + 1));
        state.pulled += 1;
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const arrayBuffer = () => new Response(body).arrayBuffer();
  return { state, message: { body, headers: new Headers(headers), arrayBuffer } };
}

describe("a body's bytes", () => {
  it("are read up to the limit, however they are cut", async () => {
    expect(await readBody(streamed([2, 1, 3]).message, 6)).toEqual(new Uint8Array([1, 1, 2, 3, 3, 3]));
    expect(await readBody(streamed([6]).message, 6)).toHaveLength(6);
    expect(await readBody(streamed([]).message, 6)).toHaveLength(0);
    expect(await readBody(new Response(null), 6)).toHaveLength(0);
  });

  it("beyond the limit are thrown away, so that a sender that goes on can still read its answer", async () => {
    const { state, message } = streamed([4, 4, 4, 4]);
    expect(await readBody(message, 6)).toBeNull();
    expect(state).toEqual({ pulled: 4, cancelled: false });
  });

  it("that do not end are cut off after a mebibyte", async () => {
    const { state, message } = streamed(Array.from({ length: 100 }, () => 64 * 1024));
    expect(await readBody(message, 6)).toBeNull();
    expect(state).toEqual({ pulled: 17, cancelled: true });
  });

  it("that are announced to be too many are refused, whatever comes", async () => {
    expect(await readBody(streamed([4], { "content-length": "7" }).message, 6)).toBeNull();
  });

  it("are counted, whatever a smaller Content-Length says", async () => {
    expect(await readBody(streamed([4, 4], { "content-length": "1" }).message, 6)).toBeNull();
  });

  it("that are packed are not believed to be as small as they are announced", async () => {
    const packed = { "content-length": "4", "content-encoding": "gzip" };
    const { state, message } = streamed(
      Array.from({ length: 100 }, () => 64 * 1024),
      packed,
    );
    expect(await readBody(message, 6)).toBeNull();
    expect(state.cancelled).toBe(true);
  });
});
