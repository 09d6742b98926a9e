import { SignJWT, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { KeysUnavailable, audiencesOf, bearerToken, checkToken } from "./token.ts";

describe("the bearer token of a request", () => {
  it.each([
    ["Bearer abc.def.ghi", "abc.def.ghi"],
    ["bearer abc", "abc"],
    ["Bearer   abc==", "abc=="],
  ])("is read from %j", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  it.each([null, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "xBearer abc", "Bearer abc\u0000"])(
    "is not read from %j",
    (header) => {
      expect(bearerToken(header)).toBeNull();
    },
  );
});

describe("an access token's check", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const policy = { issuer: "https://id.eu.example", audiences: ["app", "app-beta"] };
  const now = new Date("2026-11-21T12:00:00Z");
  const seconds = now.getTime() / 1000;
  const token = (claims: object = {}) =>
    new SignJWT({ iss: policy.issuer, aud: ["other", "app"], sub: "s", exp: seconds + 60, ...claims })
      .setProtectedHeader({ alg: "ES256", typ: "application/at+jwt" })
      .sign(privateKey);
  const check = async (claims?: object, at = now) =>
    checkToken(`Bearer ${await token(claims)}`, policy, async () => publicKey, at);

  it("names a person, with claims about them only where they are short texts", async () => {
    const person = { issuer: policy.issuer, subject: "s", email: null, name: null, issuedAt: null };
    expect(await check()).toEqual({ ok: true, value: person });
    expect(await check({ email: "a@b.example", name: 7 })).toEqual({
      ok: true,
      value: { ...person, email: "a@b.example" },
    });
    expect(await check({ name: "x".repeat(255) })).toEqual({ ok: true, value: person });
    expect(await check({ iat: seconds - 5 })).toEqual({ ok: true, value: { ...person, issuedAt: seconds - 5 } });
    expect(await check({ iat: seconds + 900 })).toMatchObject({ value: { issuedAt: seconds } });
  });

  it("takes a token for any of the audiences, and none for others", async () => {
    for (const aud of ["app", "app-beta", ["app-beta"], ["other", "app"]])
      expect(await check({ aud })).toMatchObject({ ok: true });
    for (const aud of ["app ", "app app-beta", "other", [], ""])
      expect(await check({ aud })).toEqual({ ok: false, reason: "invalid_token" });
    expect(audiencesOf(" app  app-beta ")).toEqual(["app", "app-beta"]);
    for (const none of ["", "  "]) expect(() => audiencesOf(none)).toThrow("OIDC_AUDIENCE");
  });

  it("goes by the time it is given, give or take five seconds", async () => {
    expect(await check({}, new Date((seconds + 64) * 1000))).toMatchObject({ ok: true });
    expect(await check({}, new Date((seconds + 65) * 1000))).toEqual({ ok: false, reason: "invalid_token" });
  });

  it("fails closed when the issuer's keys can't be had", async () => {
    const authorization = `Bearer ${await token()}`;
    const keyOf = () => Promise.reject(new KeysUnavailable("down"));
    expect(await checkToken(authorization, policy, keyOf, now)).toEqual({ ok: false, reason: "unavailable" });
  });

  it("tells a missing token from a bad one", async () => {
    const none = async () => publicKey;
    expect(await checkToken(null, policy, none, now)).toEqual({ ok: false, reason: "missing" });
    expect(await checkToken("Basic abc", policy, none, now)).toEqual({ ok: false, reason: "invalid_token" });
  });
});
