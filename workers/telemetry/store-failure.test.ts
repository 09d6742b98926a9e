import { DrizzleQueryError } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answering, inBucket } from "./store-failure.ts";

let logged: unknown[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(JSON.parse(line)));
});
afterEach(() => void vi.restoreAllMocks());

const thrown = (error: Error) => async (): Promise<never> => {
  throw error;
};

describe("a store that fails", () => {
  const d1 = new Error("D1_ERROR: Network connection lost.");
  it.each([
    ["D1", thrown(d1), d1.message],
    ["D1 behind the query builder", thrown(new DrizzleQueryError("SELECT ?", ["secret"], d1)), d1.message],
    ["R2", () => inBucket(thrown(new Error("put: internal error (10001)"))), "R2: put: internal error (10001)"],
  ])("%s: is unavailable, and the log has its own error and no parameter", async (_store, work, error) => {
    expect(await answering("deliver", work)).toEqual({ ok: false, reason: "unavailable" });
    expect(logged).toEqual([{ event: "store_failed", what: "deliver", error }]);
  });
});

it("a bug is no outage: it is thrown on, and not logged as one", async () => {
  for (const bug of [new TypeError("x is undefined"), new SyntaxError("Unexpected token"), new RangeError("daily")])
    await expect(answering("deliver", thrown(bug))).rejects.toBe(bug);
  expect(logged).toEqual([]);
});
