import { describe, expect, it } from "vitest";
import { STRANGER_MS, Strangers } from "./strangers.ts";

describe("a stranger's address", () => {
  it("is blocked for a while, and no other with it", () => {
    const strangers = new Strangers();
    strangers.block("a", 0);
    expect([strangers.isBlocked("a", STRANGER_MS - 1), strangers.isBlocked("b", 0)]).toEqual([true, false]);
    expect(strangers.isBlocked("a", STRANGER_MS)).toBe(false);
  });

  it("is forgotten when there are too many", () => {
    const strangers = new Strangers();
    for (let index = 0; index < 1_001; index += 1) strangers.block(String(index), 0);
    expect([strangers.isBlocked("0", 1), strangers.isBlocked("1", 1)]).toEqual([false, true]);
  });
});
