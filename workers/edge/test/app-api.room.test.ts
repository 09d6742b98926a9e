import { generateKeyPair } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { AUDIENCE, startIssuer, type TestIssuer } from "./issuer-under-test.ts";
import { neighbour, neighbours, type Neighbour } from "./neighbours.ts";

const PAN = "4111 1111 1111 1111";
const SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf";
const OPEN_TRIP = { session: SESSION, customer: "ab".repeat(16) };
const PROFILE = { email: "someone@shop.example", name: "Some One", phone: null, address: null, nickname: null };

let issuer: TestIssuer;
let room: RoomUnderTest;
let identity: Neighbour;
let stores: Neighbour;
let sessions: Neighbour;

beforeAll(async () => {
  issuer = await startIssuer();
  room = await startRoom("edge", {
    neighbours,
    vars: { OIDC_ISSUER: issuer.origin, OIDC_AUDIENCE: AUDIENCE },
  });
  identity = neighbour(room, "identity");
  stores = neighbour(room, "stores");
  sessions = neighbour(room, "sessions");
});
afterAll(async () => {
  await room.stop();
  await issuer.stop();
});
beforeEach(async () => {
  await identity.forget();
  await identity.tell({ "ForEdge.refused": { ok: true }, "ForEdge.profile": { ok: true, value: PROFILE } });
});

let people = 0;
/** Each call is another person's, so that no limit of one is met by another. */
async function call(
  method: string,
  path: string,
  {
    body,
    headers,
    claims,
  }: { body?: unknown; headers?: Record<string, string>; claims?: Record<string, unknown> } = {},
): Promise<Response> {
  people += 1;
  const token = await issuer.token({ claims: { sub: `person-${people}`, ...claims } });
  return room.fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

async function problemOf(response: Response): Promise<unknown[]> {
  const problem = (await response.json()) as { status: number; code: string; field?: string };
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(problem.status).toBe(response.status);
  return [problem.status, problem.code, ...(problem.field === undefined ? [] : [problem.field])];
}

describe("an access token", () => {
  const withToken = (token: string) => room.fetch("/v1/me", { headers: { authorization: `Bearer ${token}` } });

  it("names the person to the identity room", async () => {
    const response = await call("GET", "/v1/me", { claims: { sub: "abc", email: "a@b.example", name: "A" } });
    expect([response.status, await response.json()]).toEqual([200, PROFILE]);
    expect((await identity.asked("ForEdge.profile"))[0]?.args).toEqual([
      {
        issuer: issuer.origin,
        subject: "abc",
        email: "a@b.example",
        name: "A",
        issuedAt: expect.any(Number) as number,
      },
    ]);
  });

  it("that is missing is challenged without an error, after RFC 6750", async () => {
    const response = await room.fetch("/v1/me");
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="cartwright"');
    expect(await problemOf(response)).toEqual([401, "invalid_token"]);
  });

  it("is refused when anything of it is wrong, and each refusal is recorded without it", async () => {
    const past = Math.floor(Date.now() / 1000) - 60;
    const { privateKey } = await generateKeyPair("ES256");
    const secret = new TextEncoder().encode(JSON.stringify(issuer.publicJwk()));
    const good = await issuer.token();
    const [header = "", payload = ""] = good.split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
    const bad: Record<string, string> = {
      "another issuer": await issuer.token({ claims: { iss: "https://id.other.example" } }),
      "another audience": await issuer.token({ claims: { aud: "another-app" } }),
      "no audience": await issuer.token({ claims: { aud: undefined } }),
      expired: await issuer.token({ expires: past }),
      "no expiry": await issuer.token({ claims: { exp: undefined } }),
      "no subject": await issuer.token({ claims: { sub: undefined } }),
      "an empty subject": await issuer.token({ claims: { sub: "" } }),
      "not yet valid": await issuer.token({ claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }),
      "an ID token": await issuer.token({ header: { typ: "JWT" } }),
      "no type": await issuer.token({ header: { typ: undefined } }),
      "another's key under a known kid": await issuer.token({ key: privateKey }),
      "an unknown kid": await issuer.token({ header: { kid: "key-99" }, key: privateKey }),
      "the public key as a shared secret": await issuer.token({ header: { alg: "HS256" }, key: secret }),
      "no algorithm": `${none}.${payload}.`,
      "no signature": `${header}.${payload}.`,
      "no JWT": "abc",
      "too long": "a".repeat(9000),
    };
    for (const [name, token] of Object.entries(bad)) {
      const response = await withToken(token);
      expect([name, response.headers.get("www-authenticate")]).toEqual([
        name,
        'Bearer realm="cartwright", error="invalid_token"',
      ]);
      expect([name, ...(await problemOf(response))]).toEqual([name, 401, "invalid_token"]);
    }
    expect(await identity.asked("ForEdge.profile")).toEqual([]);
    await expect.poll(async () => (await identity.asked("ForEdge.refused")).length).toBe(Object.keys(bad).length);
    expect((await identity.asked("ForEdge.refused"))[0]?.args).toEqual(["invalid_token", "GET /v1/me", null]);
  });

  it("with a card number in a claim that would be kept is refused", async () => {
    const response = await call("GET", "/v1/me", { claims: { name: PAN } });
    expect(await problemOf(response)).toEqual([422, "pan_detected", "token"]);
    expect(await identity.asked("ForEdge.profile")).toEqual([]);
  });
});

describe("a card number", () => {
  it("in any field of any body is refused, stored nowhere and recorded without it", async () => {
    const tried: [string, string, unknown, string][] = [
      ["PATCH", "/v1/me", { email: `${PAN}@shop.example` }, "email"],
      ["PATCH", "/v1/me", { name: PAN }, "name"],
      ["PATCH", "/v1/me", { phone: "４１１１-１１１１-１１１１-１１１１" }, "phone"],
      ["PATCH", "/v1/me", { address: `Main Street ${PAN}` }, "address"],
      ["PATCH", "/v1/me", { nickname: "4111111111111111" }, "nickname"],
      ["PATCH", "/v1/me", { nickname: 4_111_111_111_111_111 }, "nickname"],
      ["PATCH", "/v1/me", { note: { deep: [PAN] } }, "body"],
      ["PATCH", "/v1/me", { [PAN]: 1 }, "body"],
      ["POST", "/v1/pairing-codes", { store: PAN }, "store"],
      ["POST", "/v1/me/loyalty-cards", { number: "9820000000017", note: PAN }, "body"],
    ];
    for (const [method, path, body, field] of tried) {
      const response = await call(method, path, { body });
      expect([path, ...(await problemOf(response))]).toEqual([path, 422, "pan_detected", field]);
    }
    const asked = await identity.asked();
    expect(asked.every(({ method }) => method === "ForEdge.refused")).toBe(true);
    expect(JSON.stringify(asked)).not.toContain("1111");
  });

  it("in a path or a query string is refused before anything else looks at it", async () => {
    const inPath = await call("GET", "/v1/pairing-codes/4111111111111111");
    expect(await problemOf(inPath)).toEqual([422, "pan_detected", "path"]);
    const inQuery = await room.fetch("/docs?q=4111%2D1111%2D1111%2D1111");
    expect(await problemOf(inQuery)).toEqual([422, "pan_detected", "query"]);
    const inHeader = await room.fetch("/docs", { headers: { referer: "https://shop.example/?card=4111111111111111" } });
    expect(await problemOf(inHeader)).toEqual([422, "pan_detected", "header"]);
    await expect
      .poll(async () => (await identity.asked("ForEdge.refused")).map(({ args }) => args))
      .toEqual([
        ["pan_detected", "GET /v1/pairing-codes/{code}", "path"],
        ["pan_detected", "GET /docs", "query"],
        ["pan_detected", "GET /docs", "header"],
      ]);
  });

  it("sent as a loyalty number is the identity room's to refuse, as it knows the registered formats", async () => {
    await identity.tell({ "ForEdge.addLoyaltyCard": { ok: false, reason: "pan_detected" } });
    const response = await call("POST", "/v1/me/loyalty-cards", { body: { number: "4111111111111111" } });
    expect(await problemOf(response)).toEqual([422, "pan_detected", "number"]);
  });
});

describe("a body", () => {
  const json = { "content-type": "application/json" };

  it("that can't be read, is too large or of another type is refused with its own status", async () => {
    const tried: [unknown, Record<string, string>, unknown[]][] = [
      ["{", json, [400, "malformed"]],
      ["", json, [400, "malformed"]],
      [JSON.stringify({ name: "x".repeat(17_000) }), json, [413, "too_large"]],
      ["{}", { "content-type": "text/plain" }, [415, "unsupported_media_type"]],
    ];
    for (const [body, headers, expected] of tried)
      expect(await problemOf(await call("PATCH", "/v1/me", { body, headers }))).toEqual(expected);
  });

  it("of another form is refused, naming a field of ours or none, never one that was sent", async () => {
    const tried: [unknown, unknown[]][] = [
      [{ nickname: "thirteen char" }, [422, "invalid_field", "nickname"]],
      [{ nickname: 7 }, [422, "invalid_field", "nickname"]],
      [{ email: "" }, [422, "invalid_field", "email"]],
      [{ secret: 1 }, [422, "invalid_field"]],
      [[], [422, "invalid_field"]],
      ["null", [422, "invalid_field"]],
      ["7", [422, "invalid_field"]],
    ];
    for (const [body, expected] of tried) {
      const response = await call("PATCH", "/v1/me", { body });
      const text = await response.clone().text();
      expect(text).not.toContain("secret");
      expect(await problemOf(response)).toEqual(expected);
    }
    expect(await identity.asked("ForEdge.correct")).toEqual([]);
  });
});

describe("the profile", () => {
  it("is corrected by the fields that are sent, and no other", async () => {
    await identity.tell({ "ForEdge.correct": { ok: true, value: { ...PROFILE, nickname: "Sam" } } });
    const response = await call("PATCH", "/v1/me", { body: { nickname: "Sam", phone: null } });
    expect([response.status, await response.json()]).toEqual([200, { ...PROFILE, nickname: "Sam" }]);
    expect((await identity.asked("ForEdge.correct"))[0]?.args[1]).toEqual({ nickname: "Sam", phone: null });
  });
});

describe("pairing", () => {
  it("makes a code for a store of this cell", async () => {
    const code = { code: "K7Q2M4XN", qr: "cartwright:K7Q2M4XN", confirmation: "42", expires: 1_795_262_460_000 };
    await stores.tell({ "ForEdge.facts": { ok: true, value: {} } });
    await identity.tell({ "ForEdge.createPairingCode": { ok: true, value: code } });
    const response = await call("POST", "/v1/pairing-codes", { body: { store: "eu-demo" } });
    expect([response.status, await response.json()]).toEqual([201, code]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("knows no store of another cell, and no code that is not there, early or late", async () => {
    await stores.tell({ "ForEdge.facts": { ok: false, reason: "unknown_store" } });
    const store = await call("POST", "/v1/pairing-codes", { body: { store: "us-demo" } });
    expect(await problemOf(store)).toEqual([422, "invalid_field", "store"]);
    expect(await identity.asked("ForEdge.createPairingCode")).toEqual([]);
    const reasons = { unknown: [404, "not_found"], expired: [410, "expired"], not_redeemed: [409, "not_redeemed"] };
    for (const [reason, expected] of Object.entries(reasons)) {
      await identity.tell({ "ForEdge.confirmPairing": { ok: false, reason } });
      const response = await call("POST", "/v1/pairing-codes/K7Q2M4XN/confirm");
      expect(await problemOf(response)).toEqual(expected);
    }
    expect(await problemOf(await call("GET", "/v1/pairing-codes/K%207"))).toEqual([404, "not_found"]);
  });

  it("is confirmed and looked at by its code", async () => {
    const state = { state: "confirmed", store: "eu-demo" };
    await identity.tell({
      "ForEdge.confirmPairing": { ok: true, value: state },
      "ForEdge.pairingCode": { ok: true, value: state },
    });
    expect(await (await call("POST", "/v1/pairing-codes/K7Q2M4XN/confirm")).json()).toEqual(state);
    expect(await (await call("GET", "/v1/pairing-codes/K7Q2M4XN")).json()).toEqual(state);
    expect((await identity.asked("ForEdge.confirmPairing"))[0]?.args[1]).toBe("K7Q2M4XN");
  });
});

describe("loyalty cards", () => {
  it("are listed, added and removed", async () => {
    const card = { id: "card-1", number: "9820000000017", added: 1 };
    await identity.tell({
      "ForEdge.loyaltyCards": { ok: true, value: [card] },
      "ForEdge.addLoyaltyCard": { ok: true, value: card },
      "ForEdge.removeLoyaltyCard": { ok: true },
    });
    expect(await (await call("GET", "/v1/me/loyalty-cards")).json()).toEqual({ cards: [card] });
    const added = await call("POST", "/v1/me/loyalty-cards", { body: { number: card.number } });
    expect([added.status, await added.json()]).toEqual([201, card]);
    expect((await call("DELETE", "/v1/me/loyalty-cards/card-1")).status).toBe(204);
  });

  it("that belong to an account already, or to none, are refused", async () => {
    await identity.tell({
      "ForEdge.addLoyaltyCard": { ok: false, reason: "taken" },
      "ForEdge.removeLoyaltyCard": { ok: false, reason: "unknown" },
    });
    const taken = await call("POST", "/v1/me/loyalty-cards", { body: { number: "9820000000017" } });
    expect(await problemOf(taken)).toEqual([409, "taken", "number"]);
    expect(await problemOf(await call("DELETE", "/v1/me/loyalty-cards/card-2"))).toEqual([404, "not_found"]);
  });
});

describe("the trip that a person is linked to", () => {
  const view = {
    session: SESSION,
    store: "eu-demo",
    cart: "c".repeat(32),
    state: "shopping",
    lines: [{ line: 1, name: "Milk", unitMinor: 129, quantity: 2, totalMinor: 258, grams: null }],
    totalMinor: 258,
    currency: "EUR",
    holds: [],
    handoff: null,
    openedAt: 1,
  };

  it("is its basket, without the cart's serial or the hand-off", async () => {
    await identity.tell({ "ForEdge.currentSession": { ok: true, value: OPEN_TRIP } });
    await sessions.tell({ "ForApps.view": { ok: true, value: view } });
    const { cart: _, handoff: __, ...shown } = view;
    expect(await (await call("GET", "/v1/me/session")).json()).toEqual(shown);
  });

  it("is asked for with the number that the person has on it, which no device is told", async () => {
    await sessions.forget();
    await identity.tell({ "ForEdge.currentSession": { ok: true, value: OPEN_TRIP } });
    await sessions.tell({ "ForApps.view": { ok: true, value: view } });
    const text = await (await call("GET", "/v1/me/session")).text();
    expect((await sessions.asked("ForApps.view")).map(({ args }) => args)).toEqual([[SESSION, OPEN_TRIP.customer]]);
    expect(text).not.toContain(OPEN_TRIP.customer);
  });

  it("is a 404 when there is none, or when it ended meanwhile", async () => {
    await identity.tell({ "ForEdge.currentSession": { ok: true, value: null } });
    expect(await problemOf(await call("GET", "/v1/me/session"))).toEqual([404, "no_session"]);
    await identity.tell({ "ForEdge.currentSession": { ok: true, value: OPEN_TRIP } });
    await sessions.tell({ "ForApps.view": { ok: false, reason: "no_session" } });
    expect(await problemOf(await call("GET", "/v1/me/session"))).toEqual([404, "no_session"]);
  });
});

describe("the platform", () => {
  it("answers 503 with Retry-After when a room is not available, or breaks, and says no more", async () => {
    await identity.tell({ "ForEdge.profile": { ok: false, reason: "unavailable" } });
    const unavailable = await call("GET", "/v1/me");
    expect(unavailable.headers.get("retry-after")).toBe("5");
    expect(await problemOf(unavailable)).toEqual([503, "unavailable"]);
    await identity.forget();
    expect(await problemOf(await call("GET", "/v1/me"))).toEqual([503, "unavailable"]);
  });

  it("limits what one person may ask in a minute, and no one else", async () => {
    const claims = { sub: "hasty" };
    let limited: Response | undefined;
    for (let time = 0; time < 300 && limited === undefined; time += 1) {
      const response = await call("GET", "/v1/me", { claims });
      if (response.status !== 200) limited = response;
    }
    expect(limited?.headers.get("retry-after")).toBe("60");
    expect((await call("GET", "/v1/me")).status).toBe(200);
  });

  it("says what is not there and which methods are, as problems", async () => {
    expect(await problemOf(await room.fetch("/v2/me"))).toEqual([404, "not_found"]);
    const response = await room.fetch("/v1/me", { method: "PUT" });
    expect(response.headers.get("allow")).toBe("GET, HEAD, PATCH, DELETE");
    expect(await problemOf(response)).toEqual([405, "method_not_allowed"]);
  });

  it("puts its security headers on pages, problems and answers alike", async () => {
    for (const response of [await room.fetch("/"), await room.fetch("/v1/me"), await call("GET", "/v1/me")]) {
      expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("strict-transport-security")).toContain("max-age=");
    }
  });
});

describe("payment methods", () => {
  const method = { id: "method-1", scheme: "visa", last4: "4242", expMonth: 12, expYear: 2034, added: 1 };
  const formToken = { token: "abcdefghijklmnopqrstuvwx", statement: "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl" };

  it("are listed, added by the card form's token and removed", async () => {
    await identity.tell({
      "ForEdge.paymentMethods": { ok: true, value: [{ ...method, token: "never shown" }] },
      "ForEdge.addPaymentMethod": { ok: true, value: method },
      "ForEdge.removePaymentMethod": { ok: true },
    });
    expect(await (await call("GET", "/v1/me/payment-methods")).json()).toEqual({ methods: [method] });
    const added = await call("POST", "/v1/me/payment-methods", { body: formToken });
    expect([added.status, await added.json()]).toEqual([201, method]);
    expect((await identity.asked("ForEdge.addPaymentMethod"))[0]?.args[1]).toEqual(formToken);
    expect((await call("DELETE", "/v1/me/payment-methods/method-1")).status).toBe(204);
  });

  it("are refused for a statement that is not believed, a card of another account and an id of nobody's", async () => {
    await identity.tell({
      "ForEdge.addPaymentMethod": { ok: false, reason: "invalid" },
      "ForEdge.removePaymentMethod": { ok: false, reason: "unknown" },
    });
    const add = () => call("POST", "/v1/me/payment-methods", { body: formToken });
    expect(await problemOf(await add())).toEqual([422, "invalid_field", "statement"]);
    await identity.tell({ "ForEdge.addPaymentMethod": { ok: false, reason: "taken" } });
    expect(await problemOf(await add())).toEqual([409, "taken"]);
    expect(await problemOf(await call("DELETE", "/v1/me/payment-methods/method-2"))).toEqual([404, "not_found"]);
  });

  it("are never added by a number, wherever it stands, nor by half of what the form gives", async () => {
    const add = async (body: unknown) => problemOf(await call("POST", "/v1/me/payment-methods", { body }));
    expect(await add({ number: PAN })).toEqual([422, "pan_detected", "number"]);
    expect(await add({ ...formToken, token: "4111111111111111" })).toEqual([422, "pan_detected", "token"]);
    expect(await add({ token: formToken.token })).toEqual([422, "invalid_field", "statement"]);
    expect(await add({ ...formToken, token: "short" })).toEqual([422, "invalid_field", "token"]);
    expect((await add({ ...formToken, last4: "4242" })).slice(0, 2)).toEqual([422, "invalid_field"]);
    expect(await identity.asked("ForEdge.addPaymentMethod")).toEqual([]);
  });
});
