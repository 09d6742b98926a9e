import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey, type JWK } from "jose";

export const AUDIENCE = "cartwright-app";

export interface TestIssuer {
  readonly origin: string;
  /** How often the key set was asked for. */
  readonly asked: () => number;
  /** A token that is right in everything but what the test changes. */
  token(change?: {
    claims?: Record<string, unknown>;
    header?: Record<string, unknown>;
    expires?: number;
    key?: CryptoKey | Uint8Array;
  }): Promise<string>;
  /** A new signing key, published from now on. */
  rotate(): Promise<void>;
  publicJwk(): JWK | undefined;
  stop(): Promise<void>;
}

/** An identity provider on 127.0.0.1: discovery, key set, ES256. */
export async function startIssuer(): Promise<TestIssuer> {
  const keys: { kid: string; privateKey: CryptoKey; jwk: JWK }[] = [];
  let asked = 0;
  const rotate = async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = `key-${keys.length + 1}`;
    keys.push({ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } });
  };
  await rotate();
  let origin = "";
  const server: Server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/.well-known/openid-configuration")
      response.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }));
    else {
      asked += 1;
      response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked: () => asked,
    rotate,
    publicJwk: () => keys.at(-1)?.jwk,
    token: async ({ claims = {}, header = {}, expires, key } = {}) => {
      const current = keys.at(-1);
      if (current === undefined) throw new Error("no key");
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: origin, aud: AUDIENCE, sub: "person-1", iat: now, exp: expires ?? now + 300, ...claims };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: "ES256", kid: current.kid, typ: "at+jwt", ...header })
        .sign(key ?? current.privateKey);
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
