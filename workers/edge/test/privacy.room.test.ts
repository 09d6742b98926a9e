import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { AUDIENCE, startIssuer, type TestIssuer } from "./issuer-under-test.ts";
import { neighbour, neighbours, type Neighbour } from "./neighbours.ts";

const ID = "5b0f6f0e-3a52-4b0a-9d0e-1f0d3c1b2a49";
const STATUS = {
  request: ID,
  kind: "access",
  law: "gdpr",
  state: "identity_checked",
  receivedOn: "2026-12-31",
  deadline: "2027-02-01",
  target: "2027-01-29",
  confirmBy: null,
  confirmedOn: null,
  extension: null,
  refusal: null,
  steps: [{ store: "persons", state: "open", tries: 0, proof: null }],
  stays: [],
  acts: [],
  proofs: [],
  ended: null,
};
const ordered = { ok: true, value: { request: ID, kind: "access" } };
const status = { ok: true, value: STATUS };
const no = (reason: string) => ({ ok: false, reason });

let issuer: TestIssuer;
let room: RoomUnderTest;
let identity: Neighbour;
let sessions: Neighbour;
let people = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  room = await startRoom("edge", { neighbours, vars: { OIDC_ISSUER: issuer.origin, OIDC_AUDIENCE: AUDIENCE } });
  identity = neighbour(room, "identity");
  sessions = neighbour(room, "sessions");
});
afterAll(async () => {
  await room.stop();
  await issuer.stop();
});
beforeEach(async () => {
  await identity.forget();
  await sessions.forget();
  await identity.tell({ "ForEdge.createPrivacyRequest": ordered, "ForEdge.privacyRequest": ordered });
  await identity.tell({ "ForEdge.refused": { ok: true } });
  await sessions.tell({ "ForApps.startPrivacyRequest": status, "ForApps.privacyStatus": status });
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  people += 1;
  const token = await issuer.token({ claims: { sub: `privacy-${people}` } });
  return room.fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

describe("POST /v1/me/privacy-requests", () => {
  it("hands the order and its key to the identity room, starts the object and answers where it stands", async () => {
    const response = await call(
      "POST",
      "/v1/me/privacy-requests",
      { kind: "access" },
      { "idempotency-key": "key-12345" },
    );
    expect([response.status, await response.json()]).toEqual([201, STATUS]);
    const [asked] = await identity.asked("ForEdge.createPrivacyRequest");
    expect(asked?.args[1]).toEqual({ kind: "access", law: null, correction: null, key: "key-12345" });
    expect((await sessions.asked("ForApps.startPrivacyRequest"))[0]?.args).toEqual([ID]);
  });

  it.each([
    [{ kind: "portability" }, {}, 422],
    [{}, {}, 422],
    [{ kind: "access", law: "lgpd" }, {}, 422],
    [{ kind: "access", more: 1 }, {}, 422],
    [{ kind: "correction", correction: { shoe: "42" } }, {}, 422],
    [{ kind: "access" }, { "idempotency-key": "short" }, 422],
  ])("refuses %j with %j", async (body, headers, expected) => {
    expect(await codeOf(await call("POST", "/v1/me/privacy-requests", body, headers))).toEqual([
      expected,
      "invalid_field",
    ]);
    expect(await identity.asked("ForEdge.createPrivacyRequest")).toEqual([]);
  });

  it.each([
    ["open", 409, "already_open"],
    ["idempotency_mismatch", 422, "idempotency_mismatch"],
    ["invalid", 422, "invalid_field"],
    ["pan_detected", 422, "pan_detected"],
    ["erased", 410, "erased"],
    ["unavailable", 503, "unavailable"],
  ])("answers %s as %i %s", async (reason, code, problem) => {
    await identity.tell({ "ForEdge.createPrivacyRequest": no(reason) });
    expect(await codeOf(await call("POST", "/v1/me/privacy-requests", { kind: "erasure" }))).toEqual([code, problem]);
    expect(await sessions.asked("ForApps.startPrivacyRequest")).toEqual([]);
  });
});

describe("DELETE /v1/me", () => {
  it("is an erasure request; asked again, it is the one that goes on", async () => {
    const erasure = { ...STATUS, kind: "erasure" };
    await sessions.tell({ "ForApps.startPrivacyRequest": { ok: true, value: erasure } });
    expect((await call("DELETE", "/v1/me")).status).toBe(202);
    expect((await identity.asked("ForEdge.createPrivacyRequest"))[0]?.args[1]).toMatchObject({ kind: "erasure" });
    await identity.tell({ "ForEdge.createPrivacyRequest": no("open") });
    await identity.tell({ "ForEdge.privacyRequests": { ok: true, value: [{ request: ID, kind: "erasure" }] } });
    await sessions.tell({ "ForApps.privacyStatus": { ok: true, value: erasure } });
    const again = await call("DELETE", "/v1/me");
    expect([again.status, await again.json()]).toEqual([202, erasure]);
  });
});

describe("a request of somebody else, and one that never was,", () => {
  it.each(["", "/file"])("is 404%s, and its object is not asked", async (rest) => {
    await identity.tell({ "ForEdge.privacyRequest": no("unknown"), "ForEdge.accessFile": no("unknown") });
    expect(await codeOf(await call("GET", `/v1/me/privacy-requests/${ID}${rest}`))).toEqual([404, "not_found"]);
    expect(await sessions.asked("ForApps.privacyStatus")).toEqual([]);
  });
});

describe("the access file", () => {
  const file = {
    request: ID,
    law: "gdpr",
    receivedOn: "2026-12-31",
    until: 1_800_000_000_000,
    profile: [{ name: "<b>Robin</b>", email: null, phone: null, address: null, nickname: null }],
    paymentMethods: [],
    records: [],
    loyaltyNumbers: [{ number: "9820000000017", added: 1_790_000_000_000 }],
    recognisedCards: [],
    trips: [],
    recipients: [
      { recipient: "demo-market", fields: ["loyalty", "name"], since: 1, told: [{ of: "correction", at: 2 }] },
    ],
    requests: [],
    looks: [{ at: 1, who: "staff:pat", door: "x", purpose: "support_case", fields: ["name"], auditIndex: 4 }],
  };
  beforeEach(() => identity.tell({ "ForEdge.accessFile": { ok: true, value: JSON.stringify(file) } }));

  it("is JSON, or a page, by what is accepted, in no cache", async () => {
    const json = await call("GET", `/v1/me/privacy-requests/${ID}/file`);
    expect(await json.json()).toEqual(file);
    expect(json.headers.get("cache-control")).toBe("no-store");
    const page = await call("GET", `/v1/me/privacy-requests/${ID}/file`, undefined, { accept: "text/html" });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("cache-control")).toBe("no-store");
    const refused = await call("GET", `/v1/me/privacy-requests/${ID}/file`, undefined, { accept: "image/png" });
    expect(await codeOf(refused)).toEqual([406, "not_acceptable"]);
  });

  it("as a page escapes what people wrote, has no script and leaves no look out", async () => {
    const page = await call("GET", `/v1/me/privacy-requests/${ID}/file`, undefined, { accept: "text/html" });
    const text = await page.text();
    expect(text).toContain("&lt;b&gt;Robin&lt;/b&gt;");
    expect(text).not.toMatch(/<script|<b>|style=/);
    for (const shown of ["a member of staff (pat)", "support case", "demo-market", "loyalty number, name"])
      expect(text).toContain(shown);
    expect(text).not.toContain("not in this file");
  });

  it("says how many looks it has no room for", async () => {
    await identity.tell({ "ForEdge.accessFile": { ok: true, value: JSON.stringify({ ...file, looksLeftOut: 7 }) } });
    const json = await call("GET", `/v1/me/privacy-requests/${ID}/file`);
    expect(await json.json()).toMatchObject({ looksLeftOut: 7 });
    const page = await call("GET", `/v1/me/privacy-requests/${ID}/file`, undefined, { accept: "text/html" });
    expect(await page.text()).toMatch(/7 more\s+entries are\s+not in this file/);
  });
});

describe("PATCH /v1/me", () => {
  it("has recipients told at once, and stands when that fails", async () => {
    const profile = { email: null, name: "N", phone: null, address: null, nickname: null };
    await identity.tell({ "ForEdge.correct": { ok: true, value: profile } });
    await sessions.tell({ "ForApps.tellRecipients": null });
    expect((await call("PATCH", "/v1/me", { name: "N" })).status).toBe(200);
    await expect.poll(async () => (await sessions.asked("ForApps.tellRecipients")).length).toBe(1);
    await sessions.forget();
    expect((await call("PATCH", "/v1/me", { name: "N" })).status).toBe(200);
  });
});
