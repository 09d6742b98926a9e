import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RoomUnderTest, startRoom } from "../../platform/room-under-test.ts";

let room: RoomUnderTest;
let secret: Record<string, unknown>;

beforeAll(async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  secret = { ...(await exportJWK(privateKey)), kid: "demo-key", alg: "ES256" };
  room = await startRoom("issuer", { secrets: { ISSUER_JWK: JSON.stringify(secret) } });
});
afterAll(() => room.stop());

const post = (form: Record<string, string>) =>
  room.fetch("/token", {
    method: "POST",
    body: new URLSearchParams(form).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
const tokenOf = async (form: Record<string, string>) =>
  ((await (await post(form)).json()) as { access_token: string }).access_token;
/** Checks a token as a resource server does (RFC 9068, 4), from the published documents alone. */
const check = async (token: string) => {
  const metadata = (await (await room.fetch("/.well-known/openid-configuration")).json()) as Record<string, string>;
  const keys = (await (await room.fetch(new URL(metadata["jwks_uri"] ?? "").pathname)).json()) as JSONWebKeySet;
  return jwtVerify(token, createLocalJWKSet(keys), {
    issuer: metadata["issuer"] ?? "",
    audience: "cartwright-app",
    typ: "at+jwt",
    algorithms: ["ES256"],
  });
};

describe("a token", () => {
  test("passes the checks of a resource server and carries what the person said of themselves", async () => {
    const { payload } = await check(await tokenOf({ username: "mia", name: "Mia", email: "mia@mail.example" }));
    expect(payload).toMatchObject({ email: "mia@mail.example", name: "Mia" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  });

  test("has the same subject for the same username only, and never the username itself", async () => {
    const [first, again, other] = await Promise.all(
      ["mia", "mia", "ben"].map(async (username) => decodeJwt(await tokenOf({ username })).sub),
    );
    expect(first).toBe(again);
    expect(first).not.toBe(other);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
  });

  for (const wrong of ["expired", "audience", "issuer", "key", "type"])
    test(`fails the checks when it was asked to be wrong: ${wrong}`, async () => {
      await expect(check(await tokenOf({ username: "mia", wrong }))).rejects.toThrow(Error);
    });
});

test("the private key is not in what the provider publishes", async () => {
  const published = await (await room.fetch("/jwks")).text();
  expect(published).not.toContain(String(secret["d"]));
  expect(JSON.parse(published)).toMatchObject({ keys: [{ kty: "EC", crv: "P-256", kid: "demo-key", alg: "ES256" }] });
});

test("a request that is no grant gets an error of RFC 6749 and no token", async () => {
  for (const form of [{}, { username: "" }, { username: "Mia!" }, { username: "mia", wrong: "everything" }]) {
    const response = await post(form);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: "invalid_request" });
  }
  expect((await post({ username: "mia", client_id: "somebody-else" })).status).toBe(401);
  const json = await room.fetch("/token", { method: "POST", body: '{"username":"mia"}' });
  expect(json.status).toBe(400);
  expect((await room.fetch("/token")).status).toBe(404);
});
