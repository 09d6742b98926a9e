import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STAFF_ROLES, type StaffRole } from "../../../protocol/rooms/staff.ts";
import { signStaffToken } from "../../../tools/staff/client.ts";
import { makeSessionKey, type SessionKey } from "../../../tools/staff/proof.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { CALLS } from "../calls.ts";
import { NEIGHBOURS } from "./neighbours.ts";

const SERIAL = "0a".repeat(16);
const SESSION = "11111111-2222-4333-8444-555555555555";
const STORE = {
  name: "Demo market",
  legalName: "Demo Market Ltd",
  address: "1 Example Street",
  taxId: "DE000000000",
  country: "DE",
  language: "de",
  currency: "EUR",
  timeZone: "Europe/Berlin",
  taxIncluded: true,
  posUrl: "http://127.0.0.1:8801",
  weightToleranceGrams: 20,
  terminals: ["T1"],
  barcodeTemplates: [{ pattern: "21iiiiinndddc", value: "weight", verifier: false }],
  minimumAges: { alcohol: 18 },
};

let room: RoomUnderTest;
let key: CryptoKey;
let jwk: JWK;
let session: SessionKey;

beforeAll(async () => {
  const keys = await generateKeyPair("ES256", { extractable: true });
  key = keys.privateKey;
  jwk = { ...(await exportJWK(keys.privateKey)), alg: "ES256" };
  const publicJwk = JSON.stringify({ ...(await exportJWK(keys.publicKey)), alg: "ES256" });
  const secrets = { STAFF_VERIFICATION_JWK: publicJwk, STAFF_AUTHORITY_JWK: publicJwk };
  session = await makeSessionKey();
  room = await startRoom("ops", { secrets, neighbours: NEIGHBOURS });
});
afterAll(() => room.stop());

/** Room tests speak to this host. */
const ORIGIN = "http://room.test";
const credentials = async (method: string, path: string, roles: readonly StaffRole[]) => {
  const boundTo = session.thumbprint;
  const text = await signStaffToken({ cell: "eu", signingJwk: jwk, staff: "ada", roles, boundTo });
  return { authorization: `DPoP ${text}`, dpop: await session.proof(method, ORIGIN + path, text) };
};

async function send(
  method: string,
  path: string,
  options: { body?: unknown; text?: string; type?: string; token?: string; roles?: StaffRole[] } = {},
) {
  const body = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const headers = {
    ...(options.token === undefined ? await credentials(method, path, options.roles ?? STAFF_ROLES) : {}),
    ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
    ...(body === undefined ? {} : { "content-type": options.type ?? "application/json" }),
  };
  const response = await room.fetch(path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === "" ? null : jsonOf(text),
  };
}

/** undefined: it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fill = (path: string) =>
  path
    .replace(":store", "eu-demo")
    .replace(":beacon", "entrance")
    .replace(":serial", SERIAL)
    .replace(":session", SESSION)
    .replace(":hold", "3")
    .replace(":day", "2026-11-21")
    .replace(":digest", "ab".repeat(32))
    .replace(":bundle{.+}", "000")
    .replace(":tile{.+}", "0/000")
    .replace(":index", "7")
    .replace(":rollout", "7")
    .replace(":reference", "A".repeat(22))
    .replace(":account", "staff-1")
    .replace(":request", "a".repeat(26))
    .replace(":retailer", "demo-market")
    .replace(":record", "scc-0001")
    .replace(":week", "2026-W40")
    .replace(":item", "2026-W40.r1");

describe("who may call the ops door", () => {
  test.each(Object.values(CALLS))("$method $path wants a token, and one with the right role", async (call) => {
    const path = fill(call.path);
    const without = await send(call.method, path, { token: "" });
    expect(without).toMatchObject({ status: 401, json: { code: "invalid_token", status: 401 } });
    expect(without.headers.get("www-authenticate")).toContain("Bearer");
    expect(without.headers.get("content-type")).toBe("application/problem+json");
    const others = STAFF_ROLES.filter((role) => !(call.roles as readonly StaffRole[]).includes(role));
    expect(await send(call.method, path, { roles: others })).toMatchObject({
      status: 403,
      json: { code: "forbidden" },
    });
  });

  const claims: JWTPayload = {
    iss: "cartwright-staff/eu",
    aud: "cartwright-ops/eu",
    sub: "ada",
    jti: "0123456789abcdef",
    roles: ["auditor"],
  };
  const now = Math.floor(Date.now() / 1000);
  const sign = (changes: JWTPayload, by: CryptoKey = key) =>
    new SignJWT({ ...claims, iat: now, exp: now + 60, ...changes }).setProtectedHeader({ alg: "ES256" }).sign(by);
  const path = "/admin/v1/audit/entries";

  test("lets a token of this cell in", async () => {
    expect((await send("GET", path, { token: await sign({}) })).status).toBe(200);
    expect((await send("GET", path, { token: await sign({ exp: now + 600 }) })).status).toBe(200);
  });

  test.each<[string, JWTPayload]>([
    ["for another cell", { aud: "cartwright-ops/us" }],
    ["from another issuer", { iss: "cartwright-staff/us" }],
    ["that is over", { iat: now - 120, exp: now - 60 }],
    ["that was made to last an hour", { exp: now + 3600 }],
    ["that was issued in the future", { iat: now + 300, exp: now + 400 }],
    ["without an id of its own", { jti: "" }],
    ["without a subject", { sub: "" }],
    ["whose subject is an address", { sub: "someone@example.com" }],
    ["without roles", { roles: [] }],
    ["with a role that is not in the list", { roles: ["auditor", "root"] }],
    ["whose roles are one string", { roles: "auditor" }],
  ])("refuses a token %s", async (_, changes) => {
    expect((await send("GET", path, { token: await sign(changes) })).status).toBe(401);
  });

  test("refuses another key, another algorithm, an unsigned token and a broken one", async () => {
    const stranger = await generateKeyPair("ES256");
    const symmetric = await new SignJWT({ ...claims, iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(JSON.stringify(jwk)));
    const [, payload] = (await sign({})).split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.AA`;
    for (const bad of [await sign({}, stranger.privateKey), symmetric, unsigned, "a.b.c", "abc"])
      expect((await send("GET", path, { token: bad })).status).toBe(401);
  });
});

describe("what the ops door hands on", () => {
  test.each<[string, string, unknown, string, unknown[]]>([
    ["PUT", "/admin/v1/stores/eu-demo", STORE, "put", [{ store: "eu-demo", ...STORE }]],
    [
      "PUT",
      "/admin/v1/stores/eu-demo/beacons/entrance",
      { publicKey: Buffer.alloc(65, 4).toString("base64") },
      "registerBeacon",
      ["eu-demo", "entrance", { bytes: 65 }],
    ],
    [
      "POST",
      "/admin/v1/loyalty-formats",
      { retailer: "demo", prefix: "9", length: 13, check: "mod10-gs1" },
      "registerLoyaltyFormat",
      [{ retailer: "demo", prefix: "9", length: 13, check: "mod10-gs1" }],
    ],
    [
      "POST",
      "/admin/v1/members",
      { members: [{ loyalty: "9000000000017", nickname: "Demo" }] },
      "importMembers",
      [[{ loyalty: "9000000000017", email: null, name: null, phone: null, nickname: "Demo" }]],
    ],
    [
      "POST",
      "/admin/v1/fleet/manifest",
      { entries: [{ serial: SERIAL, publicKeyHash: "cd".repeat(32) }] },
      "importManifest",
      [[{ serial: SERIAL, publicKeyHash: "cd".repeat(32) }]],
    ],
    ["PUT", `/admin/v1/fleet/carts/${SERIAL}/assignment`, { store: "eu-demo" }, "assign", [SERIAL, "eu-demo", "ada"]],
    ["POST", `/admin/v1/fleet/carts/${SERIAL}/revocation`, undefined, "revoke", [SERIAL, "ada"]],
    ["GET", "/admin/v1/fleet/policy", undefined, "policy", []],
    [
      "PUT",
      "/admin/v1/fleet/policy",
      { digests: ["ab".repeat(32)], minimumSecurityCounter: 2 },
      "setPolicy",
      [{ digests: ["ab".repeat(32)], minimumSecurityCounter: 2 }, "ada"],
    ],
    [
      "POST",
      "/admin/v1/firmware/releases",
      { manifest: Buffer.alloc(230, 7).toString("base64") },
      "publishFirmware",
      [{ bytes: 230 }, "ada"],
    ],
    ["GET", "/admin/v1/firmware/overview", undefined, "listFirmware", []],
    [
      "POST",
      "/admin/v1/firmware/rollouts",
      { digest: "ab".repeat(32), stores: ["eu-demo"], percentage: 5 },
      "startRollout",
      [{ digest: "ab".repeat(32), stores: ["eu-demo"], percentage: 5 }, "ada"],
    ],
    ["PUT", "/admin/v1/firmware/rollouts/7", { state: "paused" }, "changeRollout", [7, "paused", "ada"]],
    ["GET", "/admin/v1/telemetry/eu-demo/2026-11-21", undefined, "daily", ["eu-demo", "2026-11-21"]],
    ["GET", `/staff/v1/sessions/${SESSION}`, undefined, "view", [SESSION]],
    [
      "POST",
      `/staff/v1/sessions/${SESSION}/holds/3/clear`,
      { reason: "age_verified" },
      "clearHold",
      [SESSION, 3, { staff: "ada", reason: "age_verified" }],
    ],
    [
      "POST",
      `/staff/v1/sessions/${SESSION}/void`,
      { reason: "left_unpaid" },
      "voidTrip",
      [SESSION, { staff: "ada", reason: "left_unpaid" }],
    ],
    ["POST", `/staff/v1/carts/${SERIAL}/release`, undefined, "releaseCart", [SERIAL, "ada"]],
  ])("%s %s", async (method, path, body, called, args) => {
    expect(await send(method, path, { body })).toMatchObject({ status: 200, json: { method: called, args } });
  });

  test("a catalogue goes on as text", async () => {
    const text = "gtin,name,price_minor,currency,tax_class,net_weight_g\n";
    const answer = await send("POST", "/admin/v1/stores/eu-demo/catalogue", { text, type: "text/csv; charset=utf-8" });
    expect(answer).toMatchObject({ status: 200, json: { method: "importCatalogue", args: ["eu-demo", text] } });
  });

  test("the audit log's resources come as they are, and what is not there is 404", async () => {
    const roles = ["auditor"] as const;
    const get = (path: string) => send("GET", `/admin/v1/audit/${path}`, { roles: [...roles] });
    for (const path of ["checkpoint", "tile/0/000"]) expect(await get(path)).toMatchObject({ status: 200, text: path });
    expect(await get("proofs/7")).toMatchObject({ status: 200, text: "a proof" });
    for (const path of ["cosigned", "proofs/8"])
      expect(await get(path)).toMatchObject({ status: 404, json: { code: "not_found" } });
    expect(await get("minimum")).toMatchObject({ status: 503, json: { code: "unavailable" } });
    expect(await get("proofs/x")).toMatchObject({ status: 422, json: { code: "invalid_field" } });
    expect((await send("GET", "/admin/v1/audit/checkpoint", { roles: ["staff"] })).status).toBe(403);
  });

  test("a witness reads checkpoints and hashes and brings cosignatures, and sees no entry by any path", async () => {
    const as = (method: "GET" | "POST", path: string, more: object = {}) =>
      send(method, `/admin/v1/audit/${path}`, { roles: ["witness"], ...more });
    for (const path of ["checkpoint", "tile/0/000", "tile/0/000.p/5"])
      expect(await as("GET", path)).toMatchObject({ status: 200, text: path });
    expect(await as("POST", "cosignatures", { text: "good", type: "text/plain" })).toMatchObject({ status: 200 });
    for (const path of ["entries", "proofs/7", "tile/entries/000"]) expect((await as("GET", path)).status).toBe(403);
    for (const path of ["tile/entries%2F000", "tile/%65ntries/000", "tile/0/../entries/000", "tile/./entries/000"]) {
      const { status, text } = await as("GET", path);
      expect([path, status >= 400, text.includes("tile/entries")]).toEqual([path, true, false]);
    }
    expect(await send("GET", "/admin/v1/audit/tile/entries/000", { roles: ["auditor"] })).toMatchObject({
      status: 200,
      text: "tile/entries/000",
    });
  });

  test("a witness's cosignature goes on as text, and the log says whether it takes it", async () => {
    const bring = (text: string, type = "text/plain") =>
      send("POST", "/admin/v1/audit/cosignatures", { text, type, roles: ["auditor"] });
    expect(await bring("good")).toMatchObject({ status: 200, json: { size: 3 } });
    expect(await bring("bad")).toMatchObject({ status: 422, json: { code: "invalid" } });
    expect(await bring("other")).toMatchObject({ status: 409, json: { code: "conflict" } });
    expect(await bring("good", "application/json")).toMatchObject({ status: 415 });
    expect(await bring("x".repeat(17_000))).toMatchObject({ status: 413 });
  });

  test("the list of privacy requests goes on page by page, by a cursor that it has given", async () => {
    const get = (query = "") => send("GET", `/staff/v1/privacy-requests${query}`, { roles: ["privacy"] });
    const next = "open.00000000-0000-4000-8000-000000000001";
    expect(await get()).toMatchObject({ status: 200, json: { requests: [{ request: "first" }], next } });
    expect(await get(`?cursor=${next}`)).toMatchObject({
      status: 200,
      json: { requests: [{ request: next }], next: null },
    });
    for (const cursor of ["", "open.", "ended.00000000-0000-4000-8000-000000000000"])
      expect(await get(`?cursor=${cursor}`)).toMatchObject({
        status: 422,
        json: { code: "invalid_field", field: "cursor" },
      });
  });

  test("a firmware image goes on as bytes, and no more of them than a slot holds", async () => {
    const path = `/admin/v1/firmware/images/${"ab".repeat(32)}`;
    const type = "application/octet-stream";
    expect(await send("PUT", path, { text: "an image", type })).toMatchObject({
      status: 200,
      json: { method: "putFirmwareImage", args: ["ab".repeat(32), { bytes: 8 }, "ada"] },
    });
    expect(await send("PUT", path, { text: "an image", type: "text/plain" })).toMatchObject({ status: 415 });
    expect(await send("PUT", path, { text: "x".repeat(1536 * 1024), type })).toMatchObject({ status: 413 });
  });

  test("an enrolment's certificate and chain come back as base64", async () => {
    const csr = Buffer.from("a request").toString("base64");
    expect(await send("POST", "/admin/v1/fleet/enrolments", { body: { csr } })).toMatchObject({
      status: 200,
      json: { certificate: csr, chain: ["AQ==", "Ag=="] },
    });
  });

  test("the audit log is read from an index on, 100 entries unless told", async () => {
    expect((await send("GET", "/admin/v1/audit/entries")).json).toEqual({ entries: [], size: 100 });
    expect((await send("GET", "/admin/v1/audit/entries?from=7&limit=20")).json).toMatchObject({ size: 27 });
  });
});

describe("what the ops door refuses", () => {
  const invalid = (field: string) => ({ status: 422, json: { code: "invalid_field", field } });

  test.each<[string, string, string, unknown]>([
    ["store", "PUT", "/admin/v1/stores/NOT_A_STORE", STORE],
    ["currency", "PUT", "/admin/v1/stores/eu-demo", { ...STORE, currency: "XXX" }],
    ["timeZone", "PUT", "/admin/v1/stores/eu-demo", { ...STORE, timeZone: "Mars/Olympus" }],
    ["posUrl", "PUT", "/admin/v1/stores/eu-demo", { ...STORE, posUrl: "file:///etc/passwd" }],
    ["minimumAges.alcohol", "PUT", "/admin/v1/stores/eu-demo", { ...STORE, minimumAges: { alcohol: 1.5 } }],
    ["publicKey", "PUT", "/admin/v1/stores/eu-demo/beacons/entrance", { publicKey: "not base64!" }],
    ["beacon", "PUT", "/admin/v1/stores/eu-demo/beacons/Entrance", { publicKey: "BAQE" }],
    ["check", "POST", "/admin/v1/loyalty-formats", { retailer: "demo", prefix: "9", length: 13, check: "any" }],
    ["members.0.nickname", "POST", "/admin/v1/members", { members: [{ loyalty: "9", nickname: "x".repeat(13) }] }],
    ["members", "POST", "/admin/v1/members", { members: [] }],
    ["entries.0.serial", "POST", "/admin/v1/fleet/manifest", { entries: [{ serial: "1", publicKeyHash: "2" }] }],
    ["csr", "POST", "/admin/v1/fleet/enrolments", { csr: "" }],
    ["serial", "PUT", "/admin/v1/fleet/carts/1234/assignment", { store: "eu-demo" }],
    ["store", "PUT", `/admin/v1/fleet/carts/${SERIAL}/assignment`, { store: "" }],
    ["digests.0", "PUT", "/admin/v1/fleet/policy", { digests: ["xyz"], minimumSecurityCounter: 0 }],
    ["digest", "PUT", "/admin/v1/firmware/images/abcd", undefined],
    ["manifest", "POST", "/admin/v1/firmware/releases", { manifest: "" }],
    ["percentage", "POST", "/admin/v1/firmware/rollouts", { digest: "ab".repeat(32), stores: null, percentage: 101 }],
    ["stores", "POST", "/admin/v1/firmware/rollouts", { digest: "ab".repeat(32), stores: [], percentage: 5 }],
    ["state", "PUT", "/admin/v1/firmware/rollouts/7", { state: "undone" }],
    ["rollout", "PUT", "/admin/v1/firmware/rollouts/x", { state: "ended" }],
    ["day", "GET", "/admin/v1/telemetry/eu-demo/2026-02-30", undefined],
    ["session", "GET", "/staff/v1/sessions/1", undefined],
    ["hold", "POST", `/staff/v1/sessions/${SESSION}/holds/-1/clear`, { reason: "age_verified" }],
    ["reason", "POST", `/staff/v1/sessions/${SESSION}/void`, { reason: "because" }],
  ])("a wrong %s, naming it: %s %s", async (field, method, path, body) => {
    expect(await send(method, path, { body })).toMatchObject(invalid(field));
  });

  test("an unknown member, and a range that is no range", async () => {
    const code = { status: 422, json: { code: "invalid_field" } };
    expect(await send("PUT", "/admin/v1/stores/eu-demo", { body: { ...STORE, more: 1 } })).toMatchObject(code);
    for (const query of ["from=-1", "limit=0", "limit=501", "from=x", "other=1"])
      expect(await send("GET", `/admin/v1/audit/entries?${query}`)).toMatchObject(code);
  });

  test("a body that is no JSON, of another type, or too large, without repeating any of it", async () => {
    const path = "/admin/v1/members";
    const broken = await send("POST", path, { text: "{secret-input" });
    expect(broken).toMatchObject({ status: 400, json: { code: "malformed" } });
    expect(JSON.stringify(broken.json)).not.toContain("secret-input");
    expect(await send("POST", path, { text: "{}", type: "text/plain" })).toMatchObject({ status: 415 });
    expect(await send("POST", path, { text: " ".repeat(1024 * 1024 + 1) })).toMatchObject({
      status: 413,
      json: { code: "too_large" },
    });
    const csv = { text: "x".repeat(5 * 1024 * 1024 + 1), type: "text/csv" };
    expect(await send("POST", "/admin/v1/stores/eu-demo/catalogue", csv)).toMatchObject({ status: 413 });
    expect(
      await send("POST", "/admin/v1/stores/eu-demo/catalogue", { text: "{}", type: "application/json" }),
    ).toMatchObject({ status: 415, json: { code: "unsupported_media_type" } });
  });

  test.each([
    ["refuse-currency-fixed", 409, "currency_fixed"],
    ["refuse-template-conflict", 422, "template_conflict"],
    ["refuse-unavailable", 503, "unavailable"],
  ])("what a room refuses (%s), with its code", async (name, status, code) => {
    const answer = await send("PUT", "/admin/v1/stores/eu-demo", { body: { ...STORE, name } });
    expect(answer).toMatchObject({ status, json: { status, code } });
    expect(answer.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
  });

  test("an enrolment with another key than the manifest's", async () => {
    const csr = Buffer.from([1, 2, 3]).toString("base64");
    expect(await send("POST", "/admin/v1/fleet/enrolments", { body: { csr } })).toMatchObject({
      status: 409,
      json: { code: "key_mismatch" },
    });
  });

  test("a path or method that it does not have", async () => {
    expect(await send("GET", "/admin/v1/nothing")).toMatchObject({ status: 404, json: { code: "not_found" } });
    const wrong = await send("DELETE", "/admin/v1/fleet/policy");
    expect(wrong).toMatchObject({ status: 405, json: { code: "method_not_allowed" } });
    expect(wrong.headers.get("allow")).toBe("GET, PUT");
  });

  test("to say more than that it failed when a room breaks", async () => {
    const answer = await send("GET", "/admin/v1/audit/entries?from=13");
    expect(answer).toMatchObject({ status: 500, json: { code: "internal" } });
    expect(JSON.stringify(answer.json)).not.toContain("secret-input");
  });
});

describe("the front page", () => {
  test("lists every call, without a script, behind a policy that allows none", async () => {
    const response = await room.fetch("/");
    const html = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(html.startsWith('<!doctype html><html lang="en">')).toBe(true);
    for (const { method, path } of Object.values(CALLS))
      expect(html.replaceAll("<wbr/>", "")).toContain(`${method} ${path.replaceAll(/:(\w+)(?:\{.+?\})?/g, "{$1}")}`);
    expect(html).not.toMatch(/<script|style=|https?:/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await room.fetch("/style.css")).headers.get("content-type")).toContain("text/css");
  });

  test("has each call once, under the heading of its area, and jumps to every heading", async () => {
    const html = await (await room.fetch("/")).text();
    expect(html.match(/<dt>/g)).toHaveLength(Object.values(CALLS).length);
    const headings = [...html.matchAll(/<h2 id="([^"]+)">/g)].map(([, id]) => id);
    expect([...html.matchAll(/<a href="#([^"]+)">/g)].map(([, id]) => id)).toEqual(headings);
    expect(headings.length).toBeGreaterThan(8);
    expect(headings).not.toContain("other");
    expect(html).toContain("<code>cursor</code>");
    expect(html).not.toContain("`");
  });

  test("and every refusal carry the security headers", async () => {
    for (const path of ["/", "/nothing", "/staff/v1/sessions/1"]) {
      const { headers } = await room.fetch(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("strict-transport-security")).toContain("max-age");
    }
  });
});

describe("a card number at the ops door", () => {
  const CARD = "4242424242424242";
  const incidents = async () => {
    const { json } = await send("GET", "/admin/v1/incidents?from=14", { roles: ["auditor"] });
    return json as { incidents: { from: string; detail: Record<string, unknown> }[]; next: number | null };
  };
  /** A body of any form that says it in a field of ours, for each call that reads fields; an image is machine code, a note is signed. */
  const bodies = Object.values(CALLS).filter(({ method, path }) => {
    const noBody = /\/(?:revocation|release|receipt-confirmation|catalogue|members|images\/:digest|cosignatures)$/.test(
      path,
    );
    return method !== "GET" && !noBody;
  });

  test.each(bodies)("is refused in the body of $method $path, and recorded without it", async ({ method, path }) => {
    for (const value of [CARD, Number(CARD), `bm90ZTogNDI0MjQyNDI0MjQyNDI0Mg==`, "４２４２ 4242-4242.4242"]) {
      const answer = await send(method, fill(path), { body: { reason: value } });
      expect(answer).toMatchObject({ status: 422, json: { code: "pan_detected", field: "reason" } });
      expect(JSON.stringify(answer.json)).not.toContain("4242");
    }
    const [incident] = (await incidents()).incidents;
    expect(incident).toMatchObject({
      kind: "pan_detected",
      who: "staff:ada",
      success: false,
      from: `${method} ${path}`,
      detail: { field: "reason", first6: "424242", last4: "4242" },
    });
    expect(Object.keys(incident?.detail ?? {}).sort()).toEqual(["field", "first6", "last4"]);
  });

  test.each(Object.values(CALLS))("is refused in the query and headers of $method $path", async ({ method, path }) => {
    const query = await send(method, `${fill(path)}?note=4242+4242+4242+4242`);
    expect(query).toMatchObject({ status: 422, json: { code: "pan_detected", field: "query" } });
    const headers = { ...(await credentials(method, fill(path), STAFF_ROLES)), "x-note": CARD };
    const response = await room.fetch(fill(path), { method, headers });
    expect([response.status, await response.json()]).toMatchObject([422, { field: "header" }]);
  });

  test("under a name that is not ours is refused without that name", async () => {
    const answer = await send("PUT", "/admin/v1/fleet/policy", { body: { [`x${CARD}`]: 1 } });
    expect(answer).toMatchObject({ status: 422, json: { code: "pan_detected", field: "body" } });
    expect(JSON.stringify(await incidents())).not.toContain(CARD);
  });

  test("in a catalogue's row leaves an incident with the number of rows", async () => {
    const text = `gtin,name,price_minor,currency,tax_class,net_weight_g\n4006381333931,${CARD},1,EUR,food,\n`;
    await send("POST", "/admin/v1/stores/eu-demo/catalogue", { text, type: "text/csv" });
    const { incidents: list, next } = await incidents();
    expect(list).toMatchObject([
      { from: "POST /admin/v1/stores/:store/catalogue", detail: { field: "name", rows: 1 } },
    ]);
    expect(next).toBe(16);
  });

  test("that a scanned code or a digest only looks like passes", async () => {
    const digests = [`${"1".repeat(48)}${CARD}`];
    const policy = await send("PUT", "/admin/v1/fleet/policy", { body: { digests, minimumSecurityCounter: 1 } });
    expect(policy.status).toBe(200);
  });
});
