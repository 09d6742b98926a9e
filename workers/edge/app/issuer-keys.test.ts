import { SignJWT, exportJWK, generateKeyPair, jwtVerify, type CryptoKey, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { issuerKeys } from "./issuer-keys.ts";
import { KeysUnavailable } from "./token.ts";

const ISSUER = "https://id.eu.example";
const METADATA = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` };

/** An identity provider as its two documents, with a count of each key set that was fetched. */
async function provider(metadata: unknown = METADATA) {
  const keys: { readonly jwk: JWK; readonly privateKey: CryptoKey }[] = [];
  const state = { fetched: 0, refused: 0, down: false, now: 0 };
  const revoked = new Set<number>();
  const addKey = async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    keys.push({ jwk: { ...(await exportJWK(publicKey)), kid: `k${keys.length}` }, privateKey });
  };
  await addKey();
  const fetch = async (url: string): Promise<Response> => {
    if (state.down) {
      state.refused += 1;
      throw new TypeError("down");
    }
    if (url.endsWith("/openid-configuration")) return Response.json(metadata);
    state.fetched += 1;
    return Response.json({ keys: keys.filter((_, n) => !revoked.has(n)).map(({ jwk }) => jwk) });
  };
  const keyOf = issuerKeys({ issuer: ISSUER, fetch, now: () => state.now });
  const check = async (index: number, kid = `k${index}`): Promise<unknown> => {
    const signer = keys[index]?.privateKey;
    if (signer === undefined) throw new Error("no such key");
    const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256", kid }).sign(signer);
    return (await jwtVerify(token, keyOf)).payload;
  };
  const revoke = (index: number) => void revoked.add(index);
  return { state, addKey, revoke, check };
}

describe("the issuer's keys", () => {
  it("are fetched once for ten minutes, and then again", async () => {
    const { state, check } = await provider();
    for (const now of [0, 300_000, 599_999]) {
      state.now = now;
      expect(await check(0)).toEqual({});
    }
    expect(state.fetched).toBe(1);
    state.now = 600_000;
    expect(await check(0)).toEqual({});
    expect(state.fetched).toBe(2);
  });

  it("that the issuer has taken back are trusted no longer than that", async () => {
    const { state, addKey, revoke, check } = await provider();
    await addKey();
    await check(0);
    revoke(0);
    state.now = 600_000;
    await expect(check(0)).rejects.toThrow("no applicable key");
    expect(await check(1)).toEqual({});
  });

  it("that were known hold for an hour while the issuer is down, which is asked every half minute; then nobody is let in", async () => {
    const { state, check } = await provider();
    await check(0);
    state.down = true;
    for (const now of [600_000, 600_001, 629_999, 630_000, 3_599_999]) {
      state.now = now;
      expect(await check(0)).toEqual({});
    }
    expect(state.refused).toBe(3);
    state.now = 3_600_000;
    await expect(check(0)).rejects.toBeInstanceOf(KeysUnavailable);
    state.down = false;
    expect(await check(0)).toEqual({});
  });

  it("are fetched again, once, when a token names one that is not there", async () => {
    const { state, addKey, check } = await provider();
    await check(0);
    await addKey();
    expect(await check(1)).toEqual({});
    expect(state.fetched).toBe(2);
  });

  it("are not fetched again and again for keys that nobody has", async () => {
    const { state, check } = await provider();
    await check(0);
    for (const kid of ["a", "b", "c"]) await expect(check(0, kid)).rejects.toThrow("no applicable key");
    expect(state.fetched).toBe(2);
    state.now += 30_000;
    await expect(check(0, "d")).rejects.toThrow("no applicable key");
    expect(state.fetched).toBe(3);
  });

  it("that were known outlast an issuer that is down, and a new one is not guessed at", async () => {
    const { state, check } = await provider();
    await check(0);
    state.down = true;
    expect(await check(0)).toEqual({});
    await expect(check(0, "new")).rejects.toBeInstanceOf(KeysUnavailable);
  });

  it("that can't be had at first are asked for again at the next token", async () => {
    const { state, check } = await provider();
    state.down = true;
    await expect(check(0)).rejects.toBeInstanceOf(KeysUnavailable);
    state.down = false;
    expect(await check(0)).toEqual({});
  });

  it.each([
    ["another issuer's metadata", { ...METADATA, issuer: "https://id.other.example" }],
    ["metadata without a key set", { issuer: ISSUER }],
    ["a key set that is not protected on its way", { ...METADATA, jwks_uri: "http://id.eu.example/jwks" }],
    ["metadata that is no object", "text"],
    ["no metadata", null],
  ])("are not taken from %s", async (_, metadata) => {
    const { check } = await provider(metadata);
    await expect(check(0)).rejects.toBeInstanceOf(KeysUnavailable);
  });
});
