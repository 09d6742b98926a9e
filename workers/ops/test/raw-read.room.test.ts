import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SccRecord } from "../../../protocol/rooms/raw-read.ts";
import { sccClaims } from "../../../protocol/staff/scc.ts";
import { signStatement } from "../../../protocol/staff/signed.ts";
import { makeKey, publicHalf } from "../../../tools/staff/demo-staff.ts";
import { type Ask, signApproval, signRequest, signView } from "../../../tools/staff/raw-read.ts";
import { type Person, type PeopleUnderTest, startPeople } from "./people.ts";

const READS = "/privacy/v1/raw-reads";
const NOW = () => Math.floor(Date.now() / 1000);
const ASK: Ask = {
  subject: { kind: "loyalty", value: "9900000000000002" },
  fields: ["name", "phone"],
  purpose: "customer_callback",
  ticket: "CRM-101",
};

let people: PeopleUnderTest;
let asker: Person;
let approver: Person;
let officer: Person;
let foreigner: Person;

beforeAll(async () => {
  people = await startPeople();
  asker = await people.person("staff-1", "h-0001", ["privacy"]);
  approver = await people.person("staff-2", "h-0002", ["privacy_approver"]);
  officer = await people.person("staff-5", "h-0005", ["dpo"]);
  foreigner = await people.person("us-staff-1", "h-1001", ["privacy"], { cell: "us" });
  for (const each of [asker, approver, officer]) expect((await people.enlist(each)).status).toBe(204);
});
afterAll(() => people.room.stop());

async function asked(by: Person = asker, changes: Partial<Ask> = {}) {
  const request = await signRequest("eu", by, { ...ASK, ...changes });
  const { statement, subject } = request;
  return { request, answer: await people.send(by, "POST", READS, { statement, subject }) };
}
async function approved(by: Person = approver) {
  const { request } = await asked();
  const statement = await signApproval("eu", by, request);
  return {
    request,
    approval: statement,
    answer: await people.send(by, "POST", `${READS}/${request.id}/approval`, { statement }),
  };
}
const see = async (id: string, as: Person = asker) => (await people.send(as, "GET", `${READS}/${id}`)).json;
const lastAct = async () => (await people.acts()).at(-1);

describe("a raw-read request at the ops door", () => {
  test("goes from asked to approved to viewed, each step in the log, and carries what was signed to identity", async () => {
    const { request, answer } = await asked();
    expect(answer).toMatchObject({ status: 200, json: { id: request.id, state: "open" } });
    expect(await lastAct()).toMatchObject({
      who: "staff:eu/staff-1",
      kind: "raw_read_request",
      on: `raw_read:${request.id}`,
      detail: { step: "request", ticket: "CRM-101", purpose: "customer_callback", fields: "name phone" },
    });
    const seen = await see(request.id, approver);
    expect(seen).toMatchObject({ state: "open", statement: request.statement, subject: request.subject });
    const approval = await signApproval("eu", approver, request);
    const step = await people.send(approver, "POST", `${READS}/${request.id}/approval`, { statement: approval });
    expect([step.status, (await see(request.id))?.["state"]]).toEqual([204, "approved"]);
    expect(
      (await people.acts()).some(({ detail }) => detail?.["step"] === "approval" && detail["asker"] === "staff-1"),
    ).toBe(true);
    const order = await signView("eu", asker, request, approval);
    const view = await people.send(asker, "POST", `${READS}/${request.id}/view`, { statement: order.statement });
    expect(view).toMatchObject({ status: 200, json: { sealed: "a.b.c.d.e", auditIndex: 7 } });
    expect((await people.identity()).grants.at(-1)).toEqual({
      request: request.statement,
      approval,
      view: order.statement,
      requester: { record: await recordKept("staff-1") },
      approver: await recordKept("staff-2"),
      subject: JSON.stringify({ id: request.id, subject: request.subject }),
    });
    expect(await see(request.id)).toMatchObject({ state: "viewed", subject: null });
    expect(
      (await people.send(asker, "POST", `${READS}/${request.id}/view`, { statement: order.statement })).json,
    ).toMatchObject({ code: "used" });
  });

  test("sent twice is one request, and its id is nobody else's", async () => {
    const { request } = await asked();
    const { statement, subject } = request;
    expect((await people.send(asker, "POST", READS, { statement, subject })).status).toBe(200);
    const other = await people.person("staff-9", "h-0009", ["privacy"]);
    await people.enlist(other);
    expect((await asked(other, { id: request.id })).answer).toMatchObject({ status: 409, json: { code: "state" } });
  });

  test("may be about a receipt's trip, which the stores room knows and staff of another cell are not told", async () => {
    const path = `/privacy/v1/receipts/${"R".repeat(22)}/session`;
    expect(await people.send(asker, "GET", path)).toMatchObject({
      status: 200,
      json: { session: { method: "sessionOf", args: ["R".repeat(22)] } },
    });
    expect((await people.send(foreigner, "GET", path)).status).toBe(403);
    expect((await people.send(approver, "GET", path)).status).toBe(403);
  });

  test("keeps no subject in its table that can be read", async () => {
    const { request } = await asked();
    const db = await people.room.miniflare.getD1Database("STAFF_DB", people.room.worker);
    const row = await db.prepare("SELECT * FROM raw_read_requests WHERE id = ?").bind(request.id).first();
    const { subject: _sealed, ...rest } = row as Record<string, unknown>;
    expect(JSON.stringify(rest)).not.toContain(ASK.subject.value);
  });

  test.each<[string, number, string, () => Promise<Partial<Ask>> | Partial<Ask>]>([
    ["a purpose that is not in the list", 422, "unknown_purpose", () => ({ purpose: "curiosity" })],
    ["a field that is not in the list", 422, "unknown_field", () => ({ fields: ["card"] })],
    ["a field that the purpose does not need", 422, "field_not_for_purpose", () => ({ fields: ["address"] })],
    [
      "an access file for another purpose",
      422,
      "field_not_for_purpose",
      () => ({ fields: ["access_file"], purpose: "legal_order" }),
    ],
    [
      "an access file of somebody who is not named by a request",
      422,
      "no_access_file",
      () => ({ fields: ["access_file"], purpose: "privacy_request" }),
    ],
    ["more than half an hour", 422, "too_long", () => ({ life: 1801 })],
    ["a time that is over", 409, "expired", () => ({ issued: NOW() - 60, life: 30 })],
  ])("is refused for %s, and the refusal is in the log", async (_, status, code, changes) => {
    const { answer } = await asked(asker, await changes());
    expect(answer).toMatchObject({ status, json: { code } });
    expect(await lastAct()).toMatchObject({
      success: false,
      kind: "raw_read_request",
      detail: { step: "request", code },
    });
  });

  test("is refused with another subject than the signed one, in another's name, and by whom the roster does not have", async () => {
    const { statement, subject } = await signRequest("eu", asker, ASK);
    const changed = { statement, subject: { ...subject, value: "9900000000000010" } };
    expect((await people.send(asker, "POST", READS, changed)).json).toMatchObject({ code: "other_subject" });
    const stranger = await people.person("staff-77", "h-0077", ["privacy"]);
    expect((await people.send(stranger, "POST", READS, { statement, subject })).json).toMatchObject({
      code: "untrusted_record",
    });
    const forged = await signRequest("eu", { ...asker, jwk: await makeKey() }, ASK);
    expect(
      (await people.send(asker, "POST", READS, { statement: forged.statement, subject: forged.subject })).json,
    ).toMatchObject({ code: "bad_signature" });
  });

  test("asks, approves and denies nothing while the audit log is down", async () => {
    const { request } = await asked();
    const statement = await signApproval("eu", approver, request);
    const signed = await signRequest("eu", asker, ASK);
    // Both have signed in before, so what fails is the step's own entry.
    const [ask, approve] = [
      await people.credentials(asker, "POST", READS),
      await people.credentials(approver, "POST", `${READS}/${request.id}/approval`),
    ];
    await people.audit("throwing");
    try {
      const { statement: text, subject } = signed;
      expect((await people.fetch("POST", READS, ask, { statement: text, subject })).status).toBe(503);
      expect((await people.fetch("POST", `${READS}/${request.id}/approval`, approve, { statement })).status).toBe(503);
    } finally {
      await people.audit("up");
    }
    expect(await see(request.id)).toMatchObject({ state: "open", approval: null });
    expect((await people.send(asker, "GET", `${READS}/${signed.id}`)).status).toBe(404);
  });
});

describe("an approval", () => {
  const second = async (changes: Partial<Person>) => {
    const each = { ...(await people.person("staff-20", "h-0020", ["privacy_approver"])), ...changes };
    expect((await people.enlist(each, { version: NOW() + Math.floor(Math.random() * 1e6) })).status).toBe(204);
    return each;
  };

  test.each<[string, number, string, () => Promise<Person>]>([
    [
      "the asker themselves",
      403,
      "same_human",
      async () => {
        const both = { ...asker, roles: ["privacy", "privacy_approver"] as const };
        expect((await people.enlist(both, { version: NOW() })).status).toBe(204);
        return both;
      },
    ],
    [
      "a second account of the asker's",
      403,
      "same_human",
      async () => second({ account: "staff-21", human: "h-0001" }),
    ],
    [
      "somebody without the role in the roster",
      403,
      "wrong_role",
      async () => {
        const each = await people.person("staff-22", "h-0022", ["privacy_approver"]);
        await people.enlist({ ...each, roles: ["staff"] });
        return each;
      },
    ],
    [
      "an account that has ended",
      401,
      "invalid_token",
      async () => {
        const each = await people.person("staff-23", "h-0023", ["privacy_approver"]);
        await people.enlist(each);
        await people.enlist(each, { version: 2, ended: true });
        return each;
      },
    ],
    [
      "somebody with another's key",
      422,
      "bad_signature",
      async () => ({ ...(await second({ account: "staff-24", human: "h-0024" })), jwk: approver.jwk }),
    ],
  ])("by %s is refused", async (_, status, code, who) => {
    const by = await who();
    const { request, answer } = await approved(by);
    expect(answer).toMatchObject({ status, json: { code } });
    expect(await see(request.id)).toMatchObject({ state: "open" });
  });

  test("is given once; a denied, withdrawn or approved request takes no other", async () => {
    const { request } = await approved();
    const other = await second({ account: "staff-25", human: "h-0025" });
    const again = await signApproval("eu", other, request);
    expect(
      (await people.send(other, "POST", `${READS}/${request.id}/approval`, { statement: again })).json,
    ).toMatchObject({ code: "state" });
    const denied = (await asked()).request;
    expect((await people.send(approver, "POST", `${READS}/${denied.id}/denial`, { reason: "not_needed" })).status).toBe(
      204,
    );
    expect(await see(denied.id)).toMatchObject({ state: "denied", reason: "not_needed", subject: null });
    const withdrawn = (await asked()).request;
    expect(
      (await people.send(approver, "POST", `${READS}/${withdrawn.id}/withdrawal`, { reason: "mistake" })).status,
    ).toBe(403);
    expect(
      (await people.send(asker, "POST", `${READS}/${withdrawn.id}/withdrawal`, { reason: "mistake" })).status,
    ).toBe(204);
    for (const each of [denied, withdrawn]) {
      const statement = await signApproval("eu", approver, each);
      expect((await people.send(approver, "POST", `${READS}/${each.id}/approval`, { statement })).json).toMatchObject({
        code: "state",
      });
      const order = await signView("eu", asker, each, statement);
      expect(
        (await people.send(asker, "POST", `${READS}/${each.id}/view`, { statement: order.statement })).json,
      ).toMatchObject({ code: "state" });
    }
  });

  test("of a request that is over is refused, and so are its denial and its withdrawal", async () => {
    const { request } = await asked();
    const db = await people.room.miniflare.getD1Database("STAFF_DB", people.room.worker);
    await db.prepare("UPDATE raw_read_requests SET expires = ? WHERE id = ?").bind(Date.now(), request.id).run();
    const steps: readonly (readonly [Person, string, object])[] = [
      [approver, "approval", { statement: await signApproval("eu", approver, request) }],
      [approver, "denial", { reason: "not_needed" }],
      [asker, "withdrawal", { reason: "mistake" }],
    ];
    for (const [by, step, body] of steps)
      expect(await people.send(by, "POST", `${READS}/${request.id}/${step}`, body), step).toMatchObject({
        status: 409,
        json: { code: "expired" },
      });
    expect(await see(request.id)).toMatchObject({ state: "expired", approval: null, reason: null });
  });

  test("lets nobody but the asker view, and what identity refuses is refused with its code", async () => {
    const { request, approval } = await approved();
    const view = async (by: Person) => {
      const { statement } = await signView("eu", by, request, approval);
      return people.send(by, "POST", `${READS}/${request.id}/view`, { statement });
    };
    const other = await people.person("staff-26", "h-0026", ["privacy"]);
    await people.enlist(other);
    expect((await view(other)).status).toBe(404);
    await people.answerWith({ ok: false, reason: "expired" });
    expect(await view(asker)).toMatchObject({ status: 409, json: { code: "expired" } });
    await people.answerWith({ ok: false, reason: "unavailable" });
    expect((await view(asker)).status).toBe(503);
    await people.answerWith({ ok: true, value: { sealed: "a.b.c.d.e", auditIndex: 7, proof: null } });
    expect((await view(asker)).status).toBe(200);
  });
});

describe("the roster", () => {
  test("takes what the authority signed, newest last, and tells identity before it is kept", async () => {
    const each = await people.person("staff-30", "h-0030", ["staff"]);
    expect((await people.enlist(each, { version: 2 })).status).toBe(204);
    expect((await people.identity()).told).toContain(await recordKept("staff-30"));
    expect((await people.enlist(each, { version: 1 })).json).toMatchObject({ code: "older_version" });
    const unsigned = await people.record(each, { version: 3 });
    expect(
      (await people.send(await admin(), "PUT", "/admin/v1/roster/staff-31", { statement: unsigned })).json,
    ).toMatchObject({ code: "untrusted_record" });
  });

  test("has no key of two humans, and no human who both edits it and approves, by whichever accounts", async () => {
    const one = await people.person("staff-32", "h-0032", ["privacy_approver"]);
    await people.enlist(one);
    expect((await people.enlist({ ...one, account: "staff-33", human: "h-0033" })).json).toMatchObject({
      code: "key_of_another",
    });
    expect((await people.enlist({ ...one, account: "staff-34", roles: ["people_admin"] })).json).toMatchObject({
      code: "roles_conflict",
    });
    expect(
      (await people.enlist({ ...one, roles: ["privacy_approver", "people_admin"] }, { version: 2 })).json,
    ).toMatchObject({ code: "roles_conflict" });
  });

  test("is not believed where a row was changed in the table", async () => {
    const each = await people.person("staff-35", "h-0035", ["staff"]);
    await people.enlist(each);
    const db = await people.room.miniflare.getD1Database("STAFF_DB", people.room.worker);
    const forged = await people.record({ ...each, roles: ["privacy"] });
    const [head, , signature] = (await recordKept("staff-35")).split(".");
    const changed = [head, forged.split(".")[1], signature].join(".");
    await db.prepare("UPDATE staff_accounts SET statement = ? WHERE account = ?").bind(changed, "staff-35").run();
    const { answer } = await asked({ ...each, roles: ["privacy"] });
    expect(answer).toMatchObject({ status: 403, json: { code: "untrusted_record" } });
  });
});

describe("staff of another cell", () => {
  const scc = async (changes: Partial<SccRecord> = {}) => {
    const { account, human, jwk } = foreigner;
    const record: SccRecord = {
      id: "scc-0001",
      officer: officer.account,
      version: 1,
      person: { cell: "us", account, human, key: publicHalf(jwk) },
      purposes: ["customer_callback"],
      fields: ["name"],
      issued: NOW() - 1,
      expires: NOW() + 3600,
      ended: false,
      ...changes,
    };
    const statement = await signStatement("scc", sccClaims("eu", record), officer.jwk);
    return people.send(officer, "PUT", `/privacy/v1/scc-records/${record.id}`, { statement });
  };
  const listed = async (): Promise<readonly object[]> =>
    ((await people.send(foreigner, "GET", READS)).json?.["requests"] ?? []) as object[];

  test("see ticket numbers and states, and no field, request or person", async () => {
    const { request } = await asked();
    const rows = await listed();
    expect(rows[0]).toEqual({ ticket: "CRM-101", state: "open" });
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(["state", "ticket"]);
    expect((await people.send(foreigner, "GET", `${READS}/${request.id}`)).status).toBe(404);
    for (const path of [
      "/admin/v1/roster",
      "/privacy/v1/reviews",
      "/admin/v1/audit/entries",
      "/privacy/v1/scc-records",
    ])
      expect((await people.send(foreigner, "GET", path)).status).toBe(403);
  });

  test("ask by a record of this cell's officer alone, and a second human of this cell approves all the same", async () => {
    expect((await asked(foreigner, { fields: ["name"] })).answer).toMatchObject({
      status: 403,
      json: { code: "scc_required" },
    });
    expect((await scc()).status).toBe(204);
    expect((await asked(foreigner, { fields: ["name", "phone"] })).answer.json).toMatchObject({ code: "scc_required" });
    const { request, answer } = await asked(foreigner, { fields: ["name"] });
    expect(answer.status).toBe(200);
    expect(await listed()).toContainEqual({ id: request.id, ticket: "CRM-101", state: "open" });
    const twin = await people.person("staff-40", "h-1001", ["privacy_approver"]);
    await people.enlist(twin);
    const approve = async (by: Person) =>
      people.send(by, "POST", `${READS}/${request.id}/approval`, { statement: await signApproval("eu", by, request) });
    expect((await approve(foreigner)).status).toBe(403);
    expect((await approve(twin)).json).toMatchObject({ code: "same_human" });
    // Who signed the record could have made the asker up.
    const officersTwin = await people.person("staff-44", officer.human, ["privacy_approver"]);
    await people.enlist(officersTwin);
    expect((await approve(officersTwin)).json).toMatchObject({ code: "same_human" });
    expect((await approve(approver)).status).toBe(204);
    const { approval } = (await see(request.id, foreigner)) as { approval: string };
    const order = await signView("eu", foreigner, request, approval);
    expect(
      (await people.send(foreigner, "POST", `${READS}/${request.id}/view`, { statement: order.statement })).status,
    ).toBe(200);
    expect((await people.identity()).grants.at(-1)?.["requester"]).toHaveProperty("scc");
  });

  test("ask no longer once the record has ended", async () => {
    expect((await scc({ id: "scc-0001", version: 2, ended: true })).status).toBe(204);
    expect((await asked(foreigner, { fields: ["name"] })).answer.json).toMatchObject({ code: "scc_required" });
    expect((await scc({ version: 1 })).json).toMatchObject({ code: "older_version" });
  });

  test("are not let in by a record that somebody else than an officer signed", async () => {
    const self = await people.person("staff-41", "h-0041", ["dpo"]);
    expect(
      (await people.send(self, "PUT", "/privacy/v1/scc-records/scc-0009", { statement: "a.b.c" })).json,
    ).toMatchObject({ code: "untrusted_record" });
  });
});

async function recordKept(account: string): Promise<string> {
  const { json } = await people.send(await admin(), "GET", "/admin/v1/roster");
  const staff = json?.["staff"] as readonly { account: string; statement: string }[];
  return staff.find((each) => each.account === account)?.statement ?? "";
}
const admin = () => people.person("staff-0", "h-0000", ["people_admin"]);
