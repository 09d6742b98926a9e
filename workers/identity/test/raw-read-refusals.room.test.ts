import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { RawReadRefusal } from "../../../protocol/rooms/raw-read.ts";
import { makeKey } from "../../../tools/staff/demo-staff.ts";
import { signApproval, signRequest, signView } from "../../../tools/staff/raw-read.ts";
import { ASK, MEMBER, NOW, type Parts, type Person, type RawReads, startRawReads } from "./raw-read-grants.ts";

let desk: RawReads;
beforeAll(async () => {
  desk = await startRawReads();
});
afterAll(() => desk.identity.room.stop());

/** The same but for one character of its claims. */
const changed = (statement: string) => {
  const at = statement.indexOf(".") + 9;
  return statement.slice(0, at) + (statement[at] === "A" ? "B" : "A") + statement.slice(at + 1);
};

/** What is wrong, how it comes about, and the code that says so. */
const REFUSALS: readonly (readonly [string, RawReadRefusal, () => Promise<Parts> | Parts])[] = [
  ["a request that is over", "expired", () => ({ ask: { issued: NOW() - 1800, life: 1795 } })],
  ["a request for longer than half an hour", "too_long", () => ({ ask: { life: 1801 } })],
  ["a request from the future", "malformed_statement", () => ({ ask: { issued: NOW() + 300 } })],
  ["a purpose that is not in the list", "unknown_purpose", () => ({ ask: { purpose: "curiosity" } })],
  ["a purpose by an object's own name", "unknown_purpose", () => ({ ask: { purpose: "constructor" } })],
  ["a field that is not in the list", "unknown_field", () => ({ ask: { fields: ["name", "password"] } })],
  ["no field", "unknown_field", () => ({ ask: { fields: [] } })],
  ["a field twice", "unknown_field", () => ({ ask: { fields: ["name", "name"] } })],
  ["a field that the purpose does not need", "field_not_for_purpose", () => ({ ask: { fields: ["address"] } })],
  ["a ticket that is no ticket", "malformed_statement", () => ({ ask: { ticket: "ask Probe" } })],
  [
    "a subject that nobody is",
    "unknown_subject",
    () => ({ ask: { subject: { kind: "loyalty", value: "9900000000000010" } } }),
  ],
  [
    "a privacy request that nobody made",
    "unknown_subject",
    () => ({ ask: { subject: { kind: "privacy_request", value: crypto.randomUUID() } } }),
  ],
  [
    "an approval by the asker",
    "same_human",
    () => {
      const both: Person = { ...desk.asker, roles: ["privacy", "privacy_approver"] };
      return { asker: both, approver: both };
    },
  ],
  [
    "an approval by a second account of the same human",
    "same_human",
    async () => ({ approver: await desk.other({ account: "staff-9", roles: ["privacy_approver"] }) }),
  ],
  [
    "an approval with the asker's own key",
    "same_key",
    () => ({ approver: { ...desk.asker, account: "staff-8", human: "h-0008", roles: ["privacy_approver"] } }),
  ],
  [
    "an approver without the role",
    "wrong_role",
    async () => ({ approver: await desk.other({ account: "staff-7", human: "h-0007", roles: ["privacy"] }) }),
  ],
  [
    "an approver who edits the roster",
    "wrong_role",
    async () => ({
      approver: await desk.other({ account: "staff-6", human: "h-0006", roles: ["privacy_approver", "people_admin"] }),
    }),
  ],
  [
    "an asker without the role",
    "wrong_role",
    async () => ({ asker: await desk.other({ account: "staff-7", human: "h-0007", roles: ["staff"] }) }),
  ],
  [
    "an approval that another key signed",
    "bad_signature",
    () => ({ approval: (request) => signApproval("eu", { ...desk.approver, jwk: desk.asker.jwk }, request) }),
  ],
  [
    "an approval in another's name",
    "bad_signature",
    () => ({ approval: (request) => signApproval("eu", { ...desk.approver, account: "staff-3" }, request) }),
  ],
  [
    "an approval for another cell",
    "wrong_audience",
    () => ({ approval: (request) => signApproval("us", desk.approver, request) }),
  ],
  [
    "an approval of another request",
    "other_request",
    () => ({ approval: async () => signApproval("eu", desk.approver, await signRequest("eu", desk.asker, ASK)) }),
  ],
  [
    "an approval of the same id with other fields",
    "other_request",
    () => ({
      approval: async (request) =>
        signApproval("eu", desk.approver, {
          ...request,
          statement: (await signRequest("eu", desk.asker, { ...ASK, fields: ["name"] })).statement,
        }),
    }),
  ],
  [
    "an approval that is over",
    "expired",
    () => ({
      approval: (request) => signApproval("eu", desk.approver, request, { issued: NOW() - 60, expires: NOW() - 1 }),
    }),
  ],
  [
    "an approval that outlives the request",
    "too_long",
    () => ({ approval: (request) => signApproval("eu", desk.approver, request, { expires: request.expires + 1 }) }),
  ],
  [
    "an order to view that the approver signed",
    "bad_signature",
    () => ({ view: (request, approval) => signView("eu", desk.approver, request, approval) }),
  ],
  [
    "an order to view with another approval",
    "other_request",
    () => ({ view: (request) => signView("eu", desk.asker, request, "other") }),
  ],
  [
    "an order to view that is over",
    "expired",
    () => ({
      view: (request, approval) =>
        signView("eu", desk.asker, request, approval, { issued: NOW() - 60, expires: NOW() - 1 }),
    }),
  ],
  [
    "an order to view for longer than a minute",
    "too_long",
    () => ({ view: (request, approval) => signView("eu", desk.asker, request, approval, { expires: NOW() + 120 }) }),
  ],
  [
    "a request in the place of an approval",
    "bad_signature",
    () => ({ approval: (request) => Promise.resolve(request.statement) }),
  ],
  [
    "a request whose bytes were changed",
    "bad_signature",
    () => ({ grant: (grant) => Promise.resolve({ request: changed(grant.request) }) }),
  ],
  [
    "a record that another authority signed",
    "untrusted_record",
    () => ({ grant: async () => ({ approver: await desk.record(desk.approver, {}, "eu", await makeKey()) }) }),
  ],
  [
    "a record of another cell",
    "untrusted_record",
    () => ({ grant: async () => ({ approver: await desk.record(desk.approver, {}, "us") }) }),
  ],
  [
    "a record that is over",
    "ended",
    () => ({
      grant: async () => ({ approver: await desk.record(desk.approver, { issued: NOW() - 100, expires: NOW() - 1 }) }),
    }),
  ],
  [
    "a record that says that the account has ended",
    "ended",
    async () => {
      const ended = await desk.other({ account: "staff-10", human: "h-0010", roles: ["privacy_approver"] });
      return { approver: ended, grant: async () => ({ approver: await desk.record(ended, { ended: true }) }) };
    },
  ],
  [
    "a subject that was sealed for another request",
    "other_subject",
    () => ({ grant: async () => ({ subject: (await desk.grantOf()).grant.subject }) }),
  ],
  [
    "another subject than the one that was signed",
    "other_subject",
    () => ({
      grant: async (_, request) => {
        const subject = { ...request.subject, value: "9900000000000010" };
        const sealed = await desk.identity.ops<Result<string, string>>("sealRawSubject", request.id, subject);
        return { subject: sealed.ok ? sealed.value : "" };
      },
    }),
  ],
  ["a subject that nobody sealed", "other_subject", () => ({ grant: () => Promise.resolve({ subject: "rs1.x.y" }) })],
];

describe("a raw read is refused, shows nothing and is in the log", () => {
  test.each(REFUSALS)("for %s: %s", async (_, code, parts) => {
    const { grant, request } = await desk.grantOf(await parts());
    const before = (await desk.identity.acts()).length;
    expect(await desk.read(grant)).toEqual({ ok: false, reason: code });
    expect((await desk.identity.acts()).slice(before)).toMatchObject([
      {
        kind: "raw_read",
        success: false,
        detail: { code },
        on: expect.stringMatching(`^raw_read:(?:${request.id}|unknown)$`) as string,
      },
    ]);
  });

  test("for an account that has ended since, whichever record of it is shown", async () => {
    const leaver = await desk.other({ account: "staff-11", human: "h-0011", roles: ["privacy"] });
    const before = await desk.grantOf({ asker: leaver });
    expect(
      await desk.identity.ops("rosterChanged", await desk.record(leaver, { version: 2, ended: true })),
    ).toMatchObject({
      ok: true,
    });
    expect(await desk.read(before.grant)).toEqual({ ok: false, reason: "ended" });
    expect(await desk.identity.ops("rosterChanged", await desk.record(leaver, { version: 1 }))).toEqual({
      ok: false,
      reason: "ended",
    });
    expect(await desk.identity.ops("rosterChanged", await desk.record(leaver, { version: 3 }, "us"))).toMatchObject({
      reason: "untrusted_record",
    });
  });

  test("for a person whose key was destroyed", async () => {
    const gone = { ...MEMBER, loyalty: "9900000000000028" };
    await desk.identity.ops("importMembers", [gone]);
    const { grant } = await desk.grantOf({ ask: { subject: { kind: "loyalty", value: gone.loyalty } } });
    const bucket = await desk.identity.room.miniflare.getR2Bucket("PERSON_KEYS", desk.identity.room.worker);
    const newest = (await bucket.list()).objects.toSorted((a, b) => b.uploaded.getTime() - a.uploaded.getTime())[0];
    await bucket.delete(newest?.key ?? "");
    expect(await desk.read(grant)).toEqual({ ok: false, reason: "unknown_subject" });
  });

  test("and a subject without salt, of a kind that is not in the list or of a wrong form is not sealed", async () => {
    const { id, subject } = await signRequest("eu", desk.asker, ASK);
    for (const wrong of [
      { ...subject, salt: "" },
      { ...subject, kind: "name" },
      { ...subject, kind: "session", value: "1" },
      { ...subject, value: "" },
    ])
      expect(await desk.identity.ops("sealRawSubject", id, wrong)).toEqual({ ok: false, reason: "invalid" });
    expect(await desk.identity.ops("sealRawSubject", "short", subject)).toEqual({ ok: false, reason: "invalid" });
  });
});
