import { describe, expect, it } from "vitest";
import { utf8 } from "../bytes.ts";
import { digests } from "./digests.ts";
import { keyEncryptionKeys } from "./key-encryption-key.ts";
import { seal, unseal, type Place } from "./seal.ts";
import { isToken, newToken } from "./token.ts";

const share = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const newKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

describe("a sealed value", () => {
  const place: Place = { cell: "eu", record: "cards/1", field: "pan", keyVersion: 1 };

  it("opens where it was sealed", async () => {
    const key = (await newKey()) as CryptoKey;
    const sealed = await seal(key, place, utf8("value"));
    expect(Buffer.from(await unseal(key, place, sealed)).toString()).toBe("value");
  });

  it("never looks the same twice", async () => {
    const key = (await newKey()) as CryptoKey;
    expect(await seal(key, place, utf8("value"))).not.toBe(await seal(key, place, utf8("value")));
  });

  it.each([
    ["cell", { cell: "us" }],
    ["record", { record: "cards/2" }],
    ["field", { field: "answer" }],
    ["key version", { keyVersion: 2 }],
  ])("does not open in another %s", async (_what, change) => {
    const key = (await newKey()) as CryptoKey;
    const sealed = await seal(key, place, utf8("value"));
    await expect(unseal(key, { ...place, ...change }, sealed)).rejects.toThrow("does not open");
  });

  it("does not open when two parts of its place trade characters", async () => {
    const key = (await newKey()) as CryptoKey;
    const sealed = await seal(key, { ...place, record: "a,b", field: "c" }, utf8("value"));
    await expect(unseal(key, { ...place, record: "a", field: "b,c" }, sealed)).rejects.toThrow("does not open");
  });

  it("does not open under another key, changed, cut or with more behind it", async () => {
    const key = (await newKey()) as CryptoKey;
    const sealed = await seal(key, place, utf8("value"));
    const other = (await newKey()) as CryptoKey;
    await expect(unseal(other, place, sealed)).rejects.toThrow("does not open");
    const flipped = (sealed.startsWith("A") ? "B" : "A") + sealed.slice(1);
    for (const bad of [
      flipped,
      sealed.slice(0, -4),
      `${sealed}.x`,
      "",
      "nonsense",
      sealed.split(".").toReversed().join("."),
    ])
      await expect(unseal(key, place, bad)).rejects.toThrow("does not open");
  });
});

describe("the key-encryption key", () => {
  const joined = (a: string | undefined, b: string | undefined, deployed = false) =>
    keyEncryptionKeys(a, b, "eu", deployed);
  const ring = (custodian: "A" | "B", shares: Record<string, number>, change: object = {}) =>
    JSON.stringify({
      custodian,
      cell: "eu",
      rehearsal: false,
      shares: Object.fromEntries(Object.entries(shares).map(([version, byte]) => [version, share(byte)])),
      ...change,
    });
  const opens = async (a: string, b: string, sealed: string, place: Place) =>
    unseal((await joined(a, b)).newest.key, place, sealed).then(
      () => true,
      () => false,
    );

  it("is both shares together: neither alone, nor with another, opens anything", async () => {
    const place = { cell: "eu", record: "data_keys/1", field: "wrapped", keyVersion: 1 };
    const sealed = await seal((await joined(share(1), share(2))).newest.key, place, utf8("data key"));
    expect(await opens(share(1), share(2), sealed, place)).toBe(true);
    expect(await opens(share(2), share(1), sealed, place)).toBe(true);
    expect(await opens(share(1), share(4), sealed, place)).toBe(false);
    expect(await opens(share(4), share(2), sealed, place)).toBe(false);
  });

  it("has a check value that names it and differs for others", async () => {
    const check = async (a: number, b: number) => (await joined(share(a), share(b))).newest.check;
    expect(await check(1, 2)).toMatch(/^[0-9a-f]{8}$/);
    expect(await check(1, 2)).toBe(await check(1, 2));
    expect(await check(1, 4)).not.toBe(await check(1, 2));
  });

  it("comes in versions: the newest that both custodians have installed, the others beside it", async () => {
    const { newest, all, waiting } = await joined(ring("A", { 1: 1, 2: 3, 10: 5 }), ring("B", { 1: 2, 2: 7, 10: 6 }));
    expect(newest.version).toBe(10);
    expect(all.map((each) => each.version)).toEqual([1, 2, 10]);
    expect(all[0]?.check).toBe((await joined(share(1), share(2))).newest.check);
    expect(waiting).toEqual([]);
  });

  it("is not used in a version of which one share is not there yet, and says whose", async () => {
    const { newest, waiting } = await joined(ring("A", { 1: 1, 2: 3 }), share(2));
    expect(newest.version).toBe(1);
    expect(waiting).toEqual([{ version: 2, missing: "B" }]);
    await expect(joined(ring("A", { 2: 3 }), ring("B", { 1: 2 }))).rejects.toThrow(
      "KEK_SHARE_A of version 1 is missing (share A)",
    );
  });

  it.each([
    [undefined, share(1), "KEK_SHARE_A is missing"],
    [share(1), "", "KEK_SHARE_B is missing"],
    [share(1), "!", "KEK_SHARE_B is not base64"],
    [Buffer.alloc(16).toString("base64"), share(1), "KEK_SHARE_A is not 32 bytes"],
    [share(1), share(1), "the same share"],
    [ring("A", { 1: 1 }), ring("A", { 1: 2 }), "KEK_SHARE_B holds the other custodian's share"],
    [ring("A", { 1: 1 }, { cell: "us" }), ring("B", { 1: 2 }), "KEK_SHARE_A is of another cell"],
    [ring("A", { 0: 1 }), share(2), "KEK_SHARE_A is no share ring"],
    [ring("A", {}), share(2), "KEK_SHARE_A is no share ring"],
    ['{"custodian":"A"', share(2), "KEK_SHARE_A is no share ring"],
    [ring("A", { 1: 1 }, { shares: { 1: 5 } }), share(2), "KEK_SHARE_A is not base64"],
  ])("is refused when a share is missing or unusable, naming which (%#)", async (a, b, message) => {
    await expect(joined(a, b)).rejects.toThrow(message);
  });

  it("is never joined from a rehearsal's shares in a deployed cell", async () => {
    const [a, b] = [ring("A", { 1: 1 }, { rehearsal: true }), ring("B", { 1: 2 })];
    expect((await joined(a, b)).newest.version).toBe(1);
    await expect(joined(a, b, true)).rejects.toThrow("KEK_SHARE_A is of a rehearsal");
  });
});

describe("a digest", () => {
  it("differs by purpose, by cell and by key, and is the same otherwise", async () => {
    const [eu, us, other] = [
      await digests(share(7), "eu"),
      await digests(share(7), "us"),
      await digests(share(8), "eu"),
    ];
    const made = [
      await eu("pan", "4242424242424242"),
      await eu("token", "4242424242424242"),
      await eu("card-reference", "4242424242424242"),
      await us("card-reference", "4242424242424242"),
      await other("pan", "4242424242424242"),
    ];
    expect(new Set(made).size).toBe(5);
    for (const digest of made) expect(digest).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await eu("pan", "4242424242424242")).toBe(made[0]);
  });

  it("needs a key of 32 bytes", async () => {
    await expect(digests("c2hvcnQ=", "eu")).rejects.toThrow("32 bytes");
  });
});

describe("a token", () => {
  it("is 24 letters and digits", () => {
    const token = newToken((length) => crypto.getRandomValues(new Uint8Array(length)));
    expect(token).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(isToken(token)).toBe(true);
    for (const bad of [token.slice(1), `${token}A`, `${token.slice(1)}-`, 24, null]) expect(isToken(bad)).toBe(false);
  });

  it("favours no letter: bytes above the fair range are drawn again", () => {
    let calls = 0;
    const token = newToken((length) => new Uint8Array(length).fill(calls++ === 0 ? 255 : 61));
    expect(token).toBe("9".repeat(24));
    expect(calls).toBe(2);
  });
});
