import { describe, expect, test } from "vitest";
import type { CustomerId } from "../../protocol/ids.ts";
import type { Bytes, Random } from "./bytes.ts";
import { blindIndex } from "./blind-index.ts";
import { canonical, secretBytes } from "./bytes.ts";
import type { KeyRing } from "./key-ring.ts";
import { commitment, makePersonKey, rewrapPersonKey, unwrapPersonKey, wrappedBy, wrappingKeys } from "./person-key.ts";
import { open, type Place, seal } from "./sealed-field.ts";

const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
const bytes = (fill: number): Bytes => new Uint8Array(32).fill(fill);
const ANN = "3b8e5f0a-7a62-4c1e-9d55-0d6f4a1c2b3e" as CustomerId;
const BEN = "f2a7c1d4-1f5b-4d0c-8a8e-6b5c4d3e2f10" as CustomerId;
const place: Place = { cell: "eu", person: ANN, field: "email" };
const ring = (fill: number, version = 1): KeyRing => ({
  current: version,
  versions: new Map([[version, bytes(fill)]]),
});
const kek = await wrappingKeys(ring(1));
const { key, wrapped } = await makePersonKey(kek, "eu", ANN, random);

describe("a sealed field", () => {
  test("opens in its own place and is another text each time", async () => {
    const [first, second] = await Promise.all([
      seal(key, place, "ann@x.example", random),
      seal(key, place, "ann@x.example", random),
    ]);
    expect(first).not.toBe(second);
    expect(first).not.toContain("ann");
    expect(await open(key, place, first)).toBe("ann@x.example");
  });

  test("does not open in another cell, person, field or key version", async () => {
    const sealed = await seal(key, place, "ann@x.example", random);
    const elsewhere: Place[] = [
      { ...place, cell: "us" },
      { ...place, person: BEN },
      { ...place, field: "name" },
      { ...place, field: "loyalty:email" },
    ];
    for (const each of elsewhere) await expect(open(key, each, sealed)).rejects.toThrow(Error);
    await expect(open(key, place, sealed.replace(/^1\./, "2."))).rejects.toThrow(Error);
    await expect(
      open({ ...key, version: 2 }, place, await seal({ ...key, version: 2 }, place, "x", random)),
    ).resolves.toBe("x");
  });

  test("does not open with any bit of it changed, under another person's key, or when it is no sealed field", async () => {
    const sealed = await seal(key, place, "ann@x.example", random);
    for (let at = 2; at < sealed.length - 1; at += 1) {
      const other = sealed[at] === "A" ? "B" : "A";
      await expect(open(key, place, sealed.slice(0, at) + other + sealed.slice(at + 1))).rejects.toThrow(Error);
    }
    const stranger = await makePersonKey(kek, "eu", BEN, random);
    await expect(open(stranger.key, place, sealed)).rejects.toThrow(Error);
    for (const text of ["", "1..", "ann@x.example", `${sealed}=`])
      await expect(open(key, place, text)).rejects.toThrow(Error);
  });
});

describe("a person's key", () => {
  test("comes back from its wrapped form with the same salt", async () => {
    const back = await unwrapPersonKey(kek, "eu", ANN, wrapped);
    expect(back.salt).toEqual(key.salt);
    expect(await open(back, place, await seal(key, place, "same", random))).toBe("same");
    expect(await commitment(back)).toBe(await commitment(key));
  });

  test("does not unwrap for another person, cell or wrapping key, nor as another version", async () => {
    await expect(unwrapPersonKey(kek, "eu", BEN, wrapped)).rejects.toThrow(Error);
    await expect(unwrapPersonKey(kek, "us", ANN, wrapped)).rejects.toThrow(Error);
    await expect(unwrapPersonKey(await wrappingKeys(ring(2)), "eu", ANN, wrapped)).rejects.toThrow(Error);
    await expect(unwrapPersonKey(kek, "eu", ANN, wrapped.replace("pk1.1.1.", "pk1.1.2."))).rejects.toThrow(Error);
    await expect(unwrapPersonKey(kek, "eu", ANN, wrapped.replace("pk1.1.1.", "pk1.2.1."))).rejects.toThrow(Error);
    await expect(unwrapPersonKey(kek, "eu", ANN, "pk1.nonsense")).rejects.toThrow("not a wrapped person key");
  });

  test("is wrapped anew by the version that writes, and opens the same fields with the same salt", async () => {
    const both = { current: 2, versions: new Map([...kek.versions, ...(await wrappingKeys(ring(5, 2))).versions]) };
    const again = await rewrapPersonKey(both, "eu", ANN, wrapped, random);
    expect([wrappedBy(wrapped), wrappedBy(again), wrappedBy("pk1.nonsense")]).toEqual([1, 2, undefined]);
    const newest = await wrappingKeys(ring(5, 2));
    const back = await unwrapPersonKey(newest, "eu", ANN, again);
    expect(back.salt).toEqual(key.salt);
    expect(await open(back, place, await seal(key, place, "same", random))).toBe("same");
    await expect(unwrapPersonKey(newest, "eu", ANN, wrapped)).rejects.toThrow("version 1 is not configured");
    await expect(unwrapPersonKey(both, "eu", ANN, again.replace("pk1.2.", "pk1.1."))).rejects.toThrow(Error);
    await expect(unwrapPersonKey(both, "eu", BEN, again)).rejects.toThrow(Error);
    await expect(rewrapPersonKey(both, "eu", BEN, wrapped, random)).rejects.toThrow(Error);
  });

  test("commits to a person in a way that another salt does not", async () => {
    const again = await makePersonKey(kek, "eu", ANN, random);
    expect(await commitment(again.key)).not.toBe(await commitment(key));
    expect(await commitment(key)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a blind index", () => {
  test("is the same for the same value, and differs by field, cell, key and key version", async () => {
    const index = blindIndex(ring(3), "eu");
    const value = await index.of("loyalty", "9900000000000018");
    expect(await index.of("loyalty", "9900000000000018")).toBe(value);
    const others = await Promise.all([
      index.of("card_reference", "9900000000000018"),
      index.of("loyalty", "9900000000000026"),
      blindIndex(ring(3), "us").of("loyalty", "9900000000000018"),
      blindIndex(ring(4), "eu").of("loyalty", "9900000000000018"),
      blindIndex(ring(3, 2), "eu").of("loyalty", "9900000000000018"),
    ]);
    expect(new Set([value, ...others]).size).toBe(6);
  });

  test("tells parts apart that would join to the same text", async () => {
    const index = blindIndex(ring(3), "eu");
    expect(await index.of("subject", "a|b", "c")).not.toBe(await index.of("subject", "a", "b|c"));
    expect(canonical("a", "b")).not.toEqual(canonical('a","b'));
  });
});

test("a secret that is not 32 bytes of base64 is named and not shown", () => {
  expect(() => secretBytes("IDENTITY_KEK", "c2hvcnQ=")).toThrow("secret IDENTITY_KEK is not 32 bytes");
  expect(() => secretBytes("IDENTITY_KEK", "%%%")).toThrow("secret IDENTITY_KEK is not base64");
});
