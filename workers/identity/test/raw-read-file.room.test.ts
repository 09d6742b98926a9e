import type { JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RawRead, RawReadRefusal } from "../../../protocol/rooms/raw-read.ts";
import type { Result } from "../../../protocol/result.ts";
import type { Ordered } from "../../../protocol/rooms/privacy.ts";
import { makeKey, publicHalf, signRecord } from "../../../tools/staff/demo-staff.ts";
import { type Ask, openAnswer, signApproval, signRequest, signView } from "../../../tools/staff/raw-read.ts";
import { type IdentityUnderTest, LOYALTY, person, startIdentity, valueOf } from "./room.ts";

type Answer = Result<RawRead, RawReadRefusal | "unavailable">;

const MEMBER = {
  loyalty: "9900000000000002",
  email: "letter@shop.example",
  name: "Letter Writer",
  phone: null,
  nickname: null,
};
const ASKER = { account: "staff-1", human: "h-0001", roles: ["privacy"] } as const;
const APPROVER = { account: "staff-2", human: "h-0002", roles: ["privacy_approver"] } as const;

let authority: JWK;
let identity: IdentityUnderTest;
let askerKey: JWK;
let approverKey: JWK;

beforeAll(async () => {
  [authority, askerKey, approverKey] = [await makeKey(), await makeKey(), await makeKey()];
  identity = await startIdentity(undefined, publicHalf(authority));
  await identity.ops("registerLoyaltyFormat", LOYALTY);
  valueOf(await identity.ops("importMembers", [MEMBER]));
});
afterAll(() => identity.room.stop());

const rights = <T>(method: string, ...args: unknown[]) =>
  identity.room.call<Result<T, string>>("ForRights", "rights", method, ...args);

/** A letter of the member; nothing of it is exported yet. */
async function letter(kind: "access" | "correction"): Promise<string> {
  const order = { kind, law: null, correction: kind === "access" ? null : { name: "Letter Writer" } };
  const made = await identity.ops<Result<Ordered, string>>(
    "createLetterRequest",
    MEMBER.loyalty,
    order,
    "2026-11-02",
    "pat",
  );
  return valueOf(made).request;
}
async function exported(request: string): Promise<void> {
  for (const store of ["entities", "persons"]) valueOf(await rights("exported", request, store));
  valueOf(await rights("collect", request, "receipts", 0, JSON.stringify({ receipts: [{ item: "Bread" }] })));
}
const end = async (request: string, how: "done" | "refused") => valueOf(await rights("ended", request, how));

/** Two people sign for the file of a request; what the answer holds is opened with the viewer's key. */
async function handOver(request: string, over: Partial<Ask> = {}) {
  const subject = { kind: "privacy_request" as const, value: request };
  const asked: Ask = { subject, fields: ["access_file"], purpose: "privacy_request", ticket: "DSR-1", ...over };
  const [by, second] = [
    { ...ASKER, jwk: askerKey },
    { ...APPROVER, jwk: approverKey },
  ];
  const signed = await signRequest("eu", by, asked);
  const approval = await signApproval("eu", second, signed);
  const view = await signView("eu", by, signed, approval);
  const record = (who: typeof ASKER | typeof APPROVER, jwk: JWK) =>
    signRecord("eu", { authorityJwk: authority, key: publicHalf(jwk) }, { version: 1, ...who });
  const grant = {
    request: signed.statement,
    approval,
    view: view.statement,
    requester: { record: await record(ASKER, askerKey) },
    approver: await record(APPROVER, approverKey),
    subject: valueOf(await identity.ops<Result<string, string>>("sealRawSubject", signed.id, signed.subject)),
  };
  const read = () => identity.ops<Answer>("rawRead", grant);
  const answer = await read();
  const opened = answer.ok ? await openAnswer(answer.value.sealed, view.privateJwk) : null;
  return { answer, read, fields: (opened?.fields ?? {}) as Record<string, unknown> };
}

describe("the access file of a letter", () => {
  let request: string;

  test("is not handed over before the request is done", async () => {
    request = await letter("access");
    await exported(request);
    expect((await handOver(request)).answer).toEqual({ ok: false, reason: "no_access_file" });
    await end(request, "done");
  });

  test("is opened by two people, once, in the log before it is, and a look for the person", async () => {
    const { answer, read, fields } = await handOver(request);
    if (!answer.ok) throw new Error(answer.reason);
    expect(JSON.stringify(answer)).not.toContain(MEMBER.name);
    expect(fields).toEqual({
      access_file: expect.objectContaining({
        request,
        law: "gdpr",
        receivedOn: "2026-11-02",
        profile: [expect.objectContaining({ name: MEMBER.name, email: MEMBER.email })],
        loyaltyNumbers: [expect.objectContaining({ number: MEMBER.loyalty })],
        receipts: [{ item: "Bread" }],
      }) as unknown,
    });
    expect(await read()).toEqual({ ok: false, reason: "used" });
    expect((await identity.acts())[answer.value.auditIndex]).toMatchObject({
      kind: "raw_read",
      success: true,
      detail: { staff_human: "h-0001", approver_human: "h-0002", purpose: "privacy_request", fields: "access_file" },
    });
    expect(await identity.rows("ENTITIES")).toContain('"fields":"access_file"');
  });

  test("is shown to nobody while the audit log is down", async () => {
    await identity.audit("refusing");
    try {
      expect((await handOver(request)).answer).toEqual({ ok: false, reason: "unavailable" });
    } finally {
      await identity.audit("up");
    }
  });

  test.each<[string, RawReadRefusal, Partial<Ask>]>([
    ["for another purpose", "field_not_for_purpose", { purpose: "legal_order" }],
    ["by the number of whose it is", "no_access_file", { subject: { kind: "loyalty", value: MEMBER.loyalty } }],
  ])("is not to be had %s", async (_, reason, over) => {
    expect((await handOver(request, over)).answer).toEqual({ ok: false, reason });
  });

  test("goes with other fields of the person, if they are asked for", async () => {
    const { fields } = await handOver(request, { fields: ["address", "name", "loyalty", "access_file"] });
    expect(Object.keys(fields).toSorted()).toEqual(["access_file", "address", "loyalty", "name"]);
  });

  test("is gone after its 30 days", async () => {
    await identity.run("PERSONS", "UPDATE access_parts SET expires = ? WHERE request = ?", Date.now() - 1, request);
    expect((await handOver(request)).answer).toEqual({ ok: false, reason: "no_access_file" });
  });
});

describe("a request that has no such file", () => {
  test("is one that was refused, and one of another kind", async () => {
    const refused = await letter("access");
    await exported(refused);
    await end(refused, "refused");
    expect((await handOver(refused)).answer).toEqual({ ok: false, reason: "no_access_file" });
    const correction = await letter("correction");
    await end(correction, "done");
    expect((await handOver(correction)).answer).toEqual({ ok: false, reason: "no_access_file" });
  });

  test("is one that was made in the app, where its owner reads it", async () => {
    const who = person("app-user");
    const order = { kind: "access", law: null, correction: null, key: null };
    const { request } = valueOf(await identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, order));
    await exported(request);
    await end(request, "done");
    expect((await handOver(request)).answer).toEqual({ ok: false, reason: "no_access_file" });
    expect(valueOf(await identity.edge<Result<string, string>>("accessFile", who, request))).toContain("Bread");
  });
});
