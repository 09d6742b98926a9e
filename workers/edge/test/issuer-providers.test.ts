import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey, type JWK } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { issuerKeys } from "../app/issuer-keys.ts";
import { checkToken } from "../app/token.ts";

/** Identity providers of other shapes than the embedded one, over real HTTP. */
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(answer: Answer): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const send = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};

async function makeKey(
  alg: string,
  kid: string,
): Promise<{ alg: string; kid: string; privateKey: CryptoKey; jwk: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}
type Key = Awaited<ReturnType<typeof makeKey>>;

/** What the door does with a token of this issuer. */
function door(issuer: string) {
  const keyOf = issuerKeys({ issuer, fetch: (url, init) => fetch(url, init), now: Date.now });
  return async (key: Pick<Key, "alg" | "kid"> & { privateKey: CryptoKey | Uint8Array }, claims: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ iss: issuer, aud: "app", sub: "s", iat: now, exp: now + 60, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt" })
      .sign(key.privateKey);
    const answer = await checkToken(`Bearer ${token}`, { issuer, audiences: ["app"] }, keyOf, new Date());
    return answer.ok ? answer.value.issuer : answer.reason;
  };
}

/** A tenant below a path, metadata by RFC 8414 alone, a key set elsewhere that is full of other keys, too. */
async function tenant(keys: () => readonly JWK[], metadata: object = {}): Promise<{ issuer: string; asked: string[] }> {
  const asked: string[] = [];
  const origin = await listening((request, response) => {
    asked.push(request.url ?? "");
    const issuer = `http://${request.headers.host}/tenants/shop`;
    if (request.url === "/.well-known/oauth-authorization-server/tenants/shop")
      send(response, { issuer, jwks_uri: `http://${request.headers.host}/keys?of=shop`, ...metadata });
    else if (request.url === "/keys?of=shop") send(response, { keys: keys() });
    else send(response, {}, 404);
  });
  return { issuer: `${origin}/tenants/shop`, asked };
}

describe("another identity provider", () => {
  it("with a path, RFC 8414 metadata and keys of every kind is believed by each of its keys, and asked once", async () => {
    const algorithms = ["ES256", "ES384", "PS256", "RS256", "EdDSA"];
    const keys = await Promise.all(algorithms.map((alg, n) => makeKey(alg, `k${n}`)));
    const noise: JWK[] = [
      { kty: "oct", k: "c2VjcmV0", kid: "shared" },
      { ...keys[3]?.jwk, kid: "enc", use: "enc", alg: "RSA-OAEP" },
      { kty: "XYZ", kid: "of-another-time" },
    ];
    const { issuer, asked } = await tenant(() => [...noise, ...keys.map(({ jwk }) => jwk)]);
    const check = door(issuer);
    for (const key of keys) expect([key.alg, await check(key)]).toEqual([key.alg, issuer]);
    expect(asked).toEqual([
      "/tenants/shop/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server/tenants/shop",
      "/keys?of=shop",
    ]);
  });

  it("that rotates its keys is asked again, once, and its old key is no longer believed by a new isolate", async () => {
    const [old, fresh] = [await makeKey("RS256", "2025"), await makeKey("ES256", "2026")];
    let keys = [old.jwk];
    const { issuer, asked } = await tenant(() => keys);
    const check = door(issuer);
    expect(await check(old)).toBe(issuer);
    keys = [fresh.jwk];
    expect(await check(fresh)).toBe(issuer);
    expect(await check(old)).toBe("invalid_token");
    expect(asked.filter((path) => path.startsWith("/keys"))).toHaveLength(2);
    expect(await door(issuer)(old)).toBe("invalid_token");
  });

  it("can't have a published key taken for a shared secret, nor a key used for another algorithm or purpose", async () => {
    const [key, encryption] = [await makeKey("RS256", "k"), await makeKey("RS256", "enc")];
    const { issuer } = await tenant(() => [key.jwk, { ...encryption.jwk, use: "enc" }]);
    const check = door(issuer);
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
    expect(await check({ alg: "HS256", kid: "k", privateKey: secret })).toBe("invalid_token");
    const { privateKey } = await generateKeyPair("PS256", { extractable: true });
    expect(await check({ alg: "PS256", kid: "k", privateKey })).toBe("invalid_token");
    expect(await check(encryption)).toBe("invalid_token");
    expect(await check(key, { iss: "http://another.example" })).toBe("invalid_token");
    expect(await check(key)).toBe(issuer);
  });

  it.each([
    ["names another issuer", { issuer: "http://127.0.0.1/tenants/other" }],
    ["names itself with a slash more", { issuer: "http://127.0.0.1/tenants/shop/" }],
    ["has no key set", { jwks_uri: null }],
    ["has a key set of another scheme", { jwks_uri: "data:application/json,{}" }],
  ])("whose metadata %s gives nobody a way in", async (_, metadata) => {
    const key = await makeKey("ES256", "k");
    const { issuer } = await tenant(() => [key.jwk], metadata);
    expect(await door(issuer)(key)).toBe("unavailable");
  });

  it("that sends elsewhere is not followed", async () => {
    const key = await makeKey("ES256", "k");
    const reached: string[] = [];
    const elsewhere = await listening((request, response) => {
      reached.push(request.url ?? "");
      send(response, { issuer: "x", jwks_uri: "x", keys: [key.jwk] });
    });
    const origin = await listening((_, response) => {
      response.writeHead(302, { location: `${elsewhere}/.well-known/openid-configuration` }).end();
    });
    expect(await door(origin)(key)).toBe("unavailable");
    expect(reached).toEqual([]);
  });

  it("that answers without an end, with an error or with no JSON is not waited for and not believed", async () => {
    const key = await makeKey("ES256", "k");
    const endless = await listening((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (response.write(" ".repeat(16_384)));
      };
      response.on("drain", more);
      more();
    });
    const failing = await listening((_, response) => send(response, {}, 500));
    const page = await listening((_, response) => response.end("<html>"));
    for (const issuer of [endless, failing, page]) expect(await door(issuer)(key)).toBe("unavailable");
  });
});
