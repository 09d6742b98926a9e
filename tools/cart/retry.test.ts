import { describe, expect, it } from "vitest";
import { delayBefore, persist, RETRY } from "./retry.ts";
import type { Exchange } from "./wire.ts";
import { post } from "./wire.ts";

const exchange = (status: number, retryAfter: number | null = null): Exchange => ({
  status,
  body: new Uint8Array(),
  retryAfter,
});

async function persisting(answers: readonly (Exchange | null)[], retries: number) {
  const slept: number[] = [];
  let attempts = 0;
  const answer = await persist(
    () => {
      const next = answers[attempts] ?? null;
      attempts += 1;
      return next === null ? Promise.reject(new Error("lost")) : Promise.resolve(next);
    },
    { ...RETRY, retries },
    {
      sleep: (ms) => {
        slept.push(ms);
        return Promise.resolve();
      },
      random: () => 0,
    },
  );
  return { answer, attempts, slept };
}

describe("repeating a request", () => {
  it("goes on through losses, 429 and 503 until an answer lasts", async () => {
    const { answer, attempts } = await persisting([null, exchange(429), exchange(503), exchange(200)], 5);
    expect(answer?.status).toBe(200);
    expect(attempts).toBe(4);
  });

  it("does not repeat what was refused", async () => {
    const { answer, attempts } = await persisting([exchange(409), exchange(200)], 5);
    expect(answer?.status).toBe(409);
    expect(attempts).toBe(1);
  });

  it("ends after its retries, with the last answer if there was one", async () => {
    expect(await persisting([null, null, null, exchange(200)], 2)).toMatchObject({ answer: null, attempts: 3 });
    expect((await persisting([exchange(503)], 0)).answer?.status).toBe(503);
  });

  it("waits twice as long each time, up to the longest", async () => {
    const { slept } = await persisting([], 8);
    expect(slept).toEqual([100, 200, 400, 800, 1600, 3200, 4000, 4000]);
  });

  it("waits at least half of a delay and less than all of it", () => {
    expect(delayBefore(2, RETRY, 0, null)).toBe(400);
    expect(delayBefore(2, RETRY, 0.999_999, null)).toBeLessThan(800);
  });

  it("waits as long as the cell asks, within the longest delay", () => {
    expect(delayBefore(0, RETRY, 0, 2)).toBe(2_000);
    expect(delayBefore(0, RETRY, 0, 60)).toBe(RETRY.longestDelayMs);
  });
});

describe("a request without an answer", () => {
  it("is given up after its time-out", async () => {
    const silent = (_url: string, init: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => {
          reject(new Error("aborted"));
        });
      });
    const traffic = { requests: 0, bytesUp: 0, bytesDown: 0 };
    const request = { path: "/cart/v1/hello", contentType: "application/cbor", body: new Uint8Array(1) };
    const sent = post("http://127.0.0.1:1", request, { fetch: silent, timeoutMs: 5, traffic });
    await expect(sent).rejects.toThrow("aborted");
    expect(traffic).toMatchObject({ requests: 1, bytesDown: 0 });
  });
});
