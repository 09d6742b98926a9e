import { describe, expect, test } from "vitest";
import { keyRing, readOrder } from "./key-ring.ts";

const KEY = (fill: number): string => Buffer.alloc(32, fill).toString("base64");

describe("a secret in versions", () => {
  test("is version 1 when it is a key alone", () => {
    const ring = keyRing("K", KEY(1));
    expect(ring.current).toBe(1);
    expect([...ring.versions.keys()]).toEqual([1]);
  });

  test("says which version writes, and is read from that one on, newest first", () => {
    const ring = keyRing("K", `1*:${KEY(1)},3:${KEY(3)},2:${KEY(2)}`);
    expect(ring.current).toBe(1);
    expect(readOrder(ring)).toEqual([1, 3, 2]);
    expect(ring.versions.get(3)).toEqual(new Uint8Array(32).fill(3));
  });

  test.each([
    ["no version that writes", `1:${KEY(1)},2:${KEY(2)}`, "no version that writes"],
    ["two that write", `1*:${KEY(1)},2*:${KEY(2)}`, "two versions that write"],
    ["a version twice", `1*:${KEY(1)},1:${KEY(2)}`, "version 1 twice"],
    ["one key under two versions", `1*:${KEY(1)},2:${KEY(1)}`, "one key under two versions"],
    ["a key that is too short", `1*:${KEY(1).slice(8)}`, "not 32 bytes"],
    ["version 0", `0*:${KEY(1)}`, "not a ring"],
    ["an empty place", `1*:${KEY(1)},`, "not a ring"],
    ["five versions", [1, 2, 3, 4, 5].map((n) => `${n}${n === 1 ? "*" : ""}:${KEY(n)}`).join(","), "more than 4"],
    ["nothing", "", "not 32 bytes"],
  ])("is refused by name with %s", (_, text, message) => {
    expect(() => keyRing("IDENTITY_KEK", text)).toThrow(message);
    expect(() => keyRing("IDENTITY_KEK", text)).toThrow("IDENTITY_KEK");
  });

  test("is never repeated in the error", () => {
    const secret = KEY(7);
    for (const text of [`1:${secret}`, `x${secret}`, `1*:${secret},1:${secret}`])
      expect(() => keyRing("K", text)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) }),
      );
  });
});
