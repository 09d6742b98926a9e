import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicHalf } from "../../../tools/staff/demo-staff.ts";
import { signProof } from "../../../tools/staff/proof.ts";
import { type Person, type PeopleUnderTest, startPeople } from "./people.ts";

const PATH = "/privacy/v1/raw-reads";
const URL = `http://room.test${PATH}`;
let people: PeopleUnderTest;
let asker: Person;

beforeAll(async () => {
  people = await startPeople();
  asker = await people.person("staff-1", "h-0001", ["privacy"]);
  expect((await people.enlist(asker)).status).toBe(204);
});
afterAll(() => people.room.stop());

const get = (headers: Record<string, string>) => people.fetch("GET", PATH, headers);

describe("a staff token that is bound to a key", () => {
  test("is good with a proof for the request, each proof once", async () => {
    const headers = await people.credentials(asker, "GET", PATH);
    expect((await get(headers)).status).toBe(200);
    expect(await get(headers)).toMatchObject({ status: 401, json: { code: "invalid_token" } });
    const again = await people.credentials(asker, "GET", PATH);
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(again)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("is nothing to whoever has copied it", async () => {
    const { authorization = "" } = await people.credentials(asker, "GET", PATH);
    expect((await get({ authorization })).status).toBe(401);
    expect((await get({ authorization: authorization.replace("DPoP", "Bearer") })).status).toBe(401);
    const thief = await generateKeyPair("ES256");
    const token = authorization.slice(5);
    const own = publicHalf(await exportJWK(thief.publicKey));
    expect(
      (await get({ authorization, dpop: await signProof(thief.privateKey, own, { method: "GET", url: URL, token }) }))
        .status,
    ).toBe(401);
  });

  test.each<[string, Parameters<PeopleUnderTest["credentials"]>[1], string]>([
    ["another method", "POST", PATH],
    ["another path", "GET", "/privacy/v1/scc-records"],
  ])("is refused with a proof for %s", async (_, method, path) => {
    expect((await get(await people.credentials(asker, method, path))).status).toBe(401);
  });

  test.each<[string, { at?: number; token?: string; id?: string; url?: string }]>([
    ["that is two minutes old", { at: Math.floor(Date.now() / 1000) - 120 }],
    ["from the future", { at: Math.floor(Date.now() / 1000) + 60 }],
    ["for another token", { token: "a.b.c" }],
    ["without an id of its own", { id: "short" }],
    ["for another origin", { url: `https://ops.example${PATH}` }],
  ])("is refused with a proof %s", async (_, wrong) => {
    const session = await people.session(asker);
    const headers = { authorization: `DPoP ${session.token}` };
    const proof = (of: typeof wrong) =>
      signProof(session.privateKey, session.jwk, { method: "GET", url: URL, token: session.token, ...of });
    expect((await get({ ...headers, dpop: await proof(wrong) })).status).toBe(401);
    expect((await get({ ...headers, dpop: await proof({}) })).status).toBe(200);
  });

  test("is the only one with which anything about people is done: a bearer token has no such role", async () => {
    const bearer = await people.bearer({ ...asker, roles: ["privacy", "auditor"] });
    const headers = { authorization: `Bearer ${bearer}` };
    expect(await people.fetch("GET", "/privacy/v1/raw-reads/" + "a".repeat(26), headers)).toMatchObject({
      status: 403,
    });
    expect((await people.fetch("GET", "/admin/v1/audit/entries", headers)).status).toBe(200);
  });
});

describe("a sign-in", () => {
  const signIns = async (account: string) =>
    (await people.acts()).filter(({ kind, who }) => kind === "sign_in" && who === `staff:eu/${account}`);

  test("is a token's first sight, in the log once, however often the token comes", async () => {
    const each = await people.person("staff-50", "h-0050", ["privacy"]);
    for (let i = 0; i < 3; i += 1) expect((await people.send(each, "GET", PATH)).status).toBe(200);
    expect(await signIns("staff-50")).toMatchObject([
      { success: true, detail: { bound: true, roles: "privacy", cell: "eu" } },
    ]);
  });

  test.each(["refusing", "throwing"] as const)("does not happen while the audit log is %s", async (mode) => {
    const each = await people.person(`staff-51-${mode}`, "h-0051", ["privacy"]);
    await people.audit(mode);
    try {
      expect((await people.send(each, "GET", PATH)).status).toBe(503);
    } finally {
      await people.audit("up");
    }
    expect(await signIns(`staff-51-${mode}`)).toEqual([]);
    expect((await people.send(each, "GET", PATH)).status).toBe(200);
  });

  test("ends with the account: a token that is still good opens nothing", async () => {
    const each = await people.person("staff-52", "h-0052", ["privacy"]);
    await people.enlist(each);
    expect((await people.send(each, "GET", PATH)).status).toBe(200);
    await people.enlist(each, { version: 2, ended: true });
    expect((await people.send(each, "GET", PATH)).status).toBe(401);
  });

  test("of another cell's staff needs that cell's key in the configuration, and gives no role here", async () => {
    const foreigner = await people.person("us-staff-1", "h-1001", ["auditor"], { cell: "us" });
    expect((await people.send(foreigner, "GET", PATH)).status).toBe(200);
    expect((await people.send(foreigner, "GET", "/admin/v1/audit/entries")).status).toBe(403);
  });
});

describe("who is turned away", () => {
  const refusals = async (code: string) =>
    (await people.acts()).filter(({ kind, detail }) => kind === "refusal" && detail?.["code"] === code);

  test("leaves one entry with the call's name and nothing that was sent", async () => {
    const before = (await refusals("forbidden")).length;
    expect((await people.send(asker, "GET", "/admin/v1/roster")).status).toBe(403);
    const [entry, ...more] = (await refusals("forbidden")).slice(before);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      who: "staff:eu/staff-1",
      success: false,
      from: "GET /admin/v1/roster",
      on: "ops",
      detail: { code: "forbidden" },
    });
  });

  test("fills no log: thirty entries a minute at the most", async () => {
    const answers = await Promise.all(
      Array.from({ length: 80 }, () => people.fetch("GET", PATH, { authorization: "Bearer secret-input.b.c" })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const entries = await refusals("invalid_token");
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.length).toBeLessThanOrEqual(60);
    expect(JSON.stringify(entries)).not.toContain("secret-input");
  });

  test("is turned away all the same while the audit log is down", async () => {
    await people.audit("throwing");
    try {
      expect((await people.fetch("GET", PATH, {})).status).toBe(401);
    } finally {
      await people.audit("up");
    }
  });
});
