import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "./client.ts";

/** What the server was sent, and what it answers next. */
const seen: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
let answer: { status: number; type: string; body: string } = { status: 200, type: "application/json", body: "{}" };
const server = createServer((request, response) => {
  void respond(request, response);
});
let person: Person;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  person = new Person({ apiOrigin: origin, issuerOrigin: origin, username: "mia", email: "mia@mail.example" });
  await person.signIn();
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  seen.push({ method, url, authorization: headers.authorization, body: await bodyOf(request) });
  const token = url === "/token";
  response.writeHead(token ? 200 : answer.status, { "content-type": token ? "application/json" : answer.type });
  response.end(token ? JSON.stringify({ access_token: "demo-token" }) : answer.body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answers(status: number, body: object | string, type = "application/json"): void {
  answer = { status, type, body: typeof body === "string" ? body : JSON.stringify(body) };
}

test("signs in with the form of the provider and sends the token it got", async () => {
  expect(seen[0]).toMatchObject({ method: "POST", url: "/token", body: "username=mia&email=mia%40mail.example" });
  answers(200, { nickname: null });
  expect(await person.me()).toEqual({ nickname: null });
  expect(seen.at(-1)).toMatchObject({ method: "GET", url: "/v1/me", authorization: "Bearer demo-token", body: "" });
});

test("sends each call to its path, with its body", async () => {
  answers(201, { code: "A1", qr: "q", confirmation: "42", expires: 1 });
  expect((await person.pairingCode("eu-demo")).confirmation).toBe("42");
  expect(seen.at(-1)).toMatchObject({ method: "POST", url: "/v1/pairing-codes", body: '{"store":"eu-demo"}' });
  answers(200, { state: "confirmed", store: "eu-demo" });
  expect((await person.confirm("a/b")).state).toBe("confirmed");
  expect(seen.at(-1)).toMatchObject({ method: "POST", url: "/v1/pairing-codes/a%2Fb/confirm", body: "" });
  answers(200, { cards: [{ id: "1", number: "99", added: 1 }] });
  expect(await person.loyaltyCards()).toEqual([{ id: "1", number: "99", added: 1 }]);
  answers(204, "");
  await person.removeLoyaltyCard("1");
  expect(seen.at(-1)).toMatchObject({ method: "DELETE", url: "/v1/me/loyalty-cards/1" });
});

test("throws a refusal with its status, code and field", async () => {
  answers(422, { status: 422, code: "pan_detected", title: "No", field: "number" }, "application/problem+json");
  await expect(person.addLoyaltyCard("x")).rejects.toMatchObject({
    status: 422,
    code: "pan_detected",
    field: "number",
  });
  answers(502, "<html>", "text/html");
  await expect(person.patch({ nickname: "x" })).rejects.toMatchObject({ status: 502, code: "http_502", field: null });
});

test("takes no_session for no trip, and any other refusal for one", async () => {
  answers(404, { code: "no_session", title: "None" });
  expect(await person.session()).toBeNull();
  answers(401, { code: "invalid_token", title: "Sign in" });
  await expect(person.session()).rejects.toMatchObject({ code: "invalid_token" });
});
