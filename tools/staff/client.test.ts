import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, jwtVerify, type CryptoKey, type JWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OpsError, staffClient, type StaffClient } from "./client.ts";

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let server: Server;
let heard: Heard[];
/** Answers in order; the last one stays. */
let answers: { status: number; body?: unknown; hangUp?: true }[];
let ops: StaffClient;
let publicKey: CryptoKey;

beforeAll(async () => {
  const keys = await generateKeyPair("ES256", { extractable: true });
  publicKey = keys.publicKey;
  const signingJwk: JWK = await exportJWK(keys.privateKey);
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      heard.push({ method: request.method, url: request.url, headers: request.headers, body });
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500 };
      if (answer.hangUp) request.socket.destroy();
      else response.writeHead(answer.status).end(answer.body === undefined ? "" : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ops = staffClient({ cell: "us", origin, signingJwk, staff: "ada", roles: ["auditor"] });
});
afterAll(() => server.close());
beforeEach(() => (heard = []));

describe("the client of the ops door", () => {
  test("signs a token that names cell, person and roles, for ten minutes at most", async () => {
    answers = [{ status: 200, body: { size: 1 } }];
    expect(await ops.get("/admin/v1/audit/entries?from=1")).toEqual({ size: 1 });
    expect(heard[0]).toMatchObject({ method: "GET", url: "/admin/v1/audit/entries?from=1", body: "" });
    const token = heard[0]?.headers.authorization?.replace("Bearer ", "") ?? "";
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ["ES256"],
      issuer: "cartwright-staff/us",
      audience: "cartwright-ops/us",
    });
    expect(payload).toMatchObject({ sub: "ada", roles: ["auditor"] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("sends JSON, text and no body at all as what they are", async () => {
    answers = [{ status: 204 }];
    expect(await ops.put("/a", { one: 1 })).toBeUndefined();
    await ops.postText("/b", "text/csv", "x,y\n");
    await ops.post("/c");
    expect(heard.map(({ method, body, headers }) => [method, body, headers["content-type"]])).toEqual([
      ["PUT", '{"one":1}', "application/json"],
      ["POST", "x,y\n", "text/csv"],
      ["POST", "", undefined],
    ]);
  });

  test("throws the door's own code and field for a refusal, without asking again", async () => {
    answers = [{ status: 422, body: { code: "invalid_field", field: "currency" } }];
    const refusal = ops.put("/admin/v1/stores/x", {});
    await expect(refusal).rejects.toThrow("PUT /admin/v1/stores/x: 422 invalid_field (currency)");
    await expect(refusal).rejects.toBeInstanceOf(OpsError);
    expect(heard).toHaveLength(1);
  });

  test("asks a busy or broken door again, and gets through", async () => {
    answers = [
      { status: 503, body: { code: "unavailable" } },
      { status: 0, hangUp: true },
      { status: 200, body: 7 },
    ];
    expect(await ops.get("/x")).toBe(7);
    expect(heard).toHaveLength(3);
  });

  test("gives up after three times, saying what the last one was", async () => {
    answers = [{ status: 503, body: { code: "unavailable" } }];
    await expect(ops.get("/x")).rejects.toMatchObject({ status: 503, code: "unavailable" });
    expect(heard).toHaveLength(3);
    answers = [{ status: 0, hangUp: true }];
    await expect(ops.get("/x")).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });
});
