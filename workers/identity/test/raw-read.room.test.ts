import type { JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cell } from "../../../protocol/ids.ts";
import type { RawRead, RawReadGrant, RawReadRefusal, SccRecord } from "../../../protocol/rooms/raw-read.ts";
import type { RosterRecord } from "../../../protocol/rooms/staff.ts";
import type { Result } from "../../../protocol/result.ts";
import { sccClaims } from "../../../protocol/staff/scc.ts";
import { signStatement } from "../../../protocol/staff/signed.ts";
import { makeKey, publicHalf, signRecord } from "../../../tools/staff/demo-staff.ts";
import {
  type Ask,
  openAnswer,
  type Signatory,
  signApproval,
  type SignedRequest,
  signRequest,
  signView,
  type View,
} from "../../../tools/staff/raw-read.ts";
import { type IdentityUnderTest, LOYALTY, startIdentity } from "./room.ts";

type Answer = Result<RawRead, RawReadRefusal | "unavailable">;
type Person = Signatory & Pick<RosterRecord, "human" | "roles">;

const MEMBER = {
  loyalty: "9900000000000002",
  email: "probe@shop.example",
  name: "Probe Person",
  phone: "+4930123450",
  nickname: "Probe",
};
const ASK: Ask = {
  subject: { kind: "loyalty", value: MEMBER.loyalty },
  fields: ["name", "phone"],
  purpose: "customer_callback",
  ticket: "CRM-101",
};
const NOW = () => Math.floor(Date.now() / 1000);

let authority: JWK;
let identity: IdentityUnderTest;
let asker: Person;
let approver: Person;
let officer: Person;
let foreigner: Person;

beforeAll(async () => {
  authority = await makeKey();
  identity = await startIdentity(undefined, publicHalf(authority));
  const person = async (account: string, human: string, roles: Person["roles"]): Promise<Person> => ({
    account,
    human,
    roles,
    jwk: await makeKey(),
  });
  asker = await person("staff-1", "h-0001", ["privacy"]);
  approver = await person("staff-2", "h-0002", ["privacy_approver"]);
  officer = await person("staff-5", "h-0005", ["dpo"]);
  foreigner = await person("us-staff-1", "h-1001", ["privacy"]);
  await identity.ops("registerLoyaltyFormat", LOYALTY);
  expect(await identity.ops("importMembers", [MEMBER])).toMatchObject({ ok: true, value: { added: 1 } });
});
afterAll(() => identity.room.stop());

const record = (person: Person, changes: Partial<RosterRecord> = {}, cell: Cell = "eu", by = authority) =>
  signRecord(cell, { authorityJwk: by, key: publicHalf(person.jwk) }, { version: 1, ...person, ...changes });

interface Parts {
  readonly ask?: Partial<Ask>;
  readonly asker?: Person;
  readonly approver?: Person;
  readonly request?: (made: SignedRequest) => Promise<SignedRequest> | SignedRequest;
  readonly approval?: (request: SignedRequest) => Promise<string>;
  readonly view?: (request: SignedRequest, approval: string) => Promise<View>;
  readonly grant?: (grant: RawReadGrant, request: SignedRequest) => Promise<Partial<RawReadGrant>>;
}

/** A grant that holds, but for what a test changes of it. */
async function grantOf(parts: Parts = {}): Promise<{ grant: RawReadGrant; view: View; request: SignedRequest }> {
  const by = parts.asker ?? asker;
  const second = parts.approver ?? approver;
  const made = await signRequest("eu", by, { ...ASK, ...parts.ask });
  const request = (await parts.request?.(made)) ?? made;
  const approval = (await parts.approval?.(request)) ?? (await signApproval("eu", second, request));
  const view = (await parts.view?.(request, approval)) ?? (await signView("eu", by, request, approval));
  const sealed = await identity.ops<Result<string, string>>("sealRawSubject", made.id, made.subject);
  if (!sealed.ok) throw new Error(sealed.reason);
  const grant: RawReadGrant = {
    request: request.statement,
    approval,
    view: view.statement,
    requester: { record: await record(by) },
    approver: await record(second),
    subject: sealed.value,
  };
  return { grant: { ...grant, ...(await parts.grant?.(grant, request)) }, view, request };
}
const read = (grant: RawReadGrant) => identity.ops<Answer>("rawRead", grant);

describe("two people read one record", () => {
  test("of just the fields that were asked for, sealed for the viewer's key alone", async () => {
    const { grant, view, request } = await grantOf();
    const answer = await read(grant);
    if (!answer.ok) throw new Error(answer.reason);
    expect(JSON.stringify(answer)).not.toContain(MEMBER.name);
    const opened = await openAnswer(answer.value.sealed, view.privateJwk);
    expect(opened).toEqual({
      request: request.id,
      auditIndex: answer.value.auditIndex,
      fields: { name: MEMBER.name, phone: MEMBER.phone },
    });
    await expect(openAnswer(answer.value.sealed, await makeKey())).rejects.toThrow();
  });

  test("leaves an entry that says who, who approved, why, by which ticket and what, and a look for the person", async () => {
    const { grant, request } = await grantOf({ ask: { fields: ["loyalty", "email"], purpose: "fraud_investigation" } });
    const answer = await read(grant);
    const acts = await identity.acts();
    expect(acts[answer.ok ? answer.value.auditIndex : -1]).toMatchObject({
      kind: "raw_read",
      success: true,
      on: expect.stringMatching(/^subject:[0-9a-f]{64}$/) as string,
      detail: {
        request: request.id,
        staff: "staff-1",
        staff_human: "h-0001",
        staff_cell: "eu",
        scc: null,
        approver: "staff-2",
        approver_human: "h-0002",
        purpose: "fraud_investigation",
        ticket: "CRM-101",
        fields: "loyalty email",
      },
    });
    expect(JSON.stringify(acts)).not.toContain(MEMBER.loyalty);
    expect(await identity.rows("ENTITIES")).toContain('"who":"staff:staff-1"');
  });

  test("finds a person by the session that they are linked to, too", async () => {
    const session = crypto.randomUUID();
    const trip = { session, store: "eu-demo", cart: "0a".repeat(16) };
    expect(await identity.sessions("byLoyalty", trip, MEMBER.loyalty)).toMatchObject({ value: { status: "linked" } });
    const { grant, view } = await grantOf({ ask: { subject: { kind: "session", value: session } } });
    const answer = await read(grant);
    if (!answer.ok) throw new Error(answer.reason);
    expect((await openAnswer(answer.value.sealed, view.privateJwk)).fields).toMatchObject({ name: MEMBER.name });
  });

  test("is good for one use, of fifty at once as well, by a new order to view, too", async () => {
    const { grant, request } = await grantOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => read(grant)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers) if (!answer.ok) expect(answer.reason).toBe("used");
    const again = await signView("eu", asker, request, grant.approval);
    expect(await read({ ...grant, view: again.statement })).toEqual({ ok: false, reason: "used" });
    const reads = (await identity.acts()).filter(
      ({ kind, detail }) => kind === "raw_read" && detail?.["request"] === request.id,
    );
    expect(reads).toHaveLength(1);
  });

  test.each(["refusing", "throwing"] as const)(
    "shows nothing while the audit log is %s, and can be tried again",
    async (mode) => {
      const { grant } = await grantOf();
      await identity.audit(mode);
      try {
        expect(await read(grant)).toEqual({ ok: false, reason: "unavailable" });
        expect(await read({ ...grant, approval: "x" })).toEqual({ ok: false, reason: "unavailable" });
      } finally {
        await identity.audit("up");
      }
      expect((await read(grant)).ok).toBe(true);
    },
  );
});

/** The same but for one character of its claims. */
const changed = (statement: string) => {
  const at = statement.indexOf(".") + 9;
  return statement.slice(0, at) + (statement[at] === "A" ? "B" : "A") + statement.slice(at + 1);
};

const other = async (changes: Partial<Person>): Promise<Person> => ({ ...asker, jwk: await makeKey(), ...changes });

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
      const both: Person = { ...asker, roles: ["privacy", "privacy_approver"] };
      return { asker: both, approver: both };
    },
  ],
  [
    "an approval by a second account of the same human",
    "same_human",
    async () => ({ approver: await other({ account: "staff-9", roles: ["privacy_approver"] }) }),
  ],
  [
    "an approval with the asker's own key",
    "same_key",
    () => ({ approver: { ...asker, account: "staff-8", human: "h-0008", roles: ["privacy_approver"] } }),
  ],
  [
    "an approver without the role",
    "wrong_role",
    async () => ({ approver: await other({ account: "staff-7", human: "h-0007", roles: ["privacy"] }) }),
  ],
  [
    "an approver who edits the roster",
    "wrong_role",
    async () => ({
      approver: await other({ account: "staff-6", human: "h-0006", roles: ["privacy_approver", "people_admin"] }),
    }),
  ],
  [
    "an asker without the role",
    "wrong_role",
    async () => ({ asker: await other({ account: "staff-7", human: "h-0007", roles: ["staff"] }) }),
  ],
  [
    "an approval that another key signed",
    "bad_signature",
    () => ({ approval: (request) => signApproval("eu", { ...approver, jwk: asker.jwk }, request) }),
  ],
  [
    "an approval in another's name",
    "bad_signature",
    () => ({ approval: (request) => signApproval("eu", { ...approver, account: "staff-3" }, request) }),
  ],
  [
    "an approval for another cell",
    "wrong_audience",
    () => ({ approval: (request) => signApproval("us", approver, request) }),
  ],
  [
    "an approval of another request",
    "other_request",
    () => ({ approval: async () => signApproval("eu", approver, await signRequest("eu", asker, ASK)) }),
  ],
  [
    "an approval of the same id with other fields",
    "other_request",
    () => ({
      approval: async (request) =>
        signApproval("eu", approver, {
          ...request,
          statement: (await signRequest("eu", asker, { ...ASK, fields: ["name"] })).statement,
        }),
    }),
  ],
  [
    "an approval that is over",
    "expired",
    () => ({
      approval: (request) => signApproval("eu", approver, request, { issued: NOW() - 60, expires: NOW() - 1 }),
    }),
  ],
  [
    "an approval that outlives the request",
    "too_long",
    () => ({ approval: (request) => signApproval("eu", approver, request, { expires: request.expires + 1 }) }),
  ],
  [
    "an order to view that the approver signed",
    "bad_signature",
    () => ({ view: (request, approval) => signView("eu", approver, request, approval) }),
  ],
  [
    "an order to view with another approval",
    "other_request",
    () => ({ view: (request) => signView("eu", asker, request, "other") }),
  ],
  [
    "an order to view that is over",
    "expired",
    () => ({
      view: (request, approval) => signView("eu", asker, request, approval, { issued: NOW() - 60, expires: NOW() - 1 }),
    }),
  ],
  [
    "an order to view for longer than a minute",
    "too_long",
    () => ({ view: (request, approval) => signView("eu", asker, request, approval, { expires: NOW() + 120 }) }),
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
    () => ({ grant: async () => ({ approver: await record(approver, {}, "eu", await makeKey()) }) }),
  ],
  [
    "a record of another cell",
    "untrusted_record",
    () => ({ grant: async () => ({ approver: await record(approver, {}, "us") }) }),
  ],
  [
    "a record that is over",
    "ended",
    () => ({ grant: async () => ({ approver: await record(approver, { issued: NOW() - 100, expires: NOW() - 1 }) }) }),
  ],
  [
    "a record that says that the account has ended",
    "ended",
    async () => {
      const ended = await other({ account: "staff-10", human: "h-0010", roles: ["privacy_approver"] });
      return { approver: ended, grant: async () => ({ approver: await record(ended, { ended: true }) }) };
    },
  ],
  [
    "a subject that was sealed for another request",
    "other_subject",
    () => ({ grant: async () => ({ subject: (await grantOf()).grant.subject }) }),
  ],
  [
    "another subject than the one that was signed",
    "other_subject",
    () => ({
      grant: async (_, request) => {
        const subject = { ...request.subject, value: "9900000000000010" };
        const sealed = await identity.ops<Result<string, string>>("sealRawSubject", request.id, subject);
        return { subject: sealed.ok ? sealed.value : "" };
      },
    }),
  ],
  ["a subject that nobody sealed", "other_subject", () => ({ grant: () => Promise.resolve({ subject: "rs1.x.y" }) })],
];

describe("a raw read is refused, shows nothing and is in the log", () => {
  test.each(REFUSALS)("for %s: %s", async (_, code, parts) => {
    const { grant, request } = await grantOf(await parts());
    const before = (await identity.acts()).length;
    expect(await read(grant)).toEqual({ ok: false, reason: code });
    expect((await identity.acts()).slice(before)).toMatchObject([
      {
        kind: "raw_read",
        success: false,
        detail: { code },
        on: expect.stringMatching(`^raw_read:(?:${request.id}|unknown)$`) as string,
      },
    ]);
  });

  test("for an account that has ended since, whichever record of it is shown", async () => {
    const leaver = await other({ account: "staff-11", human: "h-0011", roles: ["privacy"] });
    const before = await grantOf({ asker: leaver });
    expect(await identity.ops("rosterChanged", await record(leaver, { version: 2, ended: true }))).toMatchObject({
      ok: true,
    });
    expect(await read(before.grant)).toEqual({ ok: false, reason: "ended" });
    expect(await identity.ops("rosterChanged", await record(leaver, { version: 1 }))).toEqual({
      ok: false,
      reason: "ended",
    });
    expect(await identity.ops("rosterChanged", await record(leaver, { version: 3 }, "us"))).toMatchObject({
      reason: "untrusted_record",
    });
  });

  test("for a person whose key was destroyed", async () => {
    const gone = { ...MEMBER, loyalty: "9900000000000028" };
    await identity.ops("importMembers", [gone]);
    const { grant } = await grantOf({ ask: { subject: { kind: "loyalty", value: gone.loyalty } } });
    const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
    const newest = (await bucket.list()).objects.toSorted((a, b) => b.uploaded.getTime() - a.uploaded.getTime())[0];
    await bucket.delete(newest?.key ?? "");
    expect(await read(grant)).toEqual({ ok: false, reason: "unknown_subject" });
  });

  test("and a subject without salt, of a kind that is not in the list or of a wrong form is not sealed", async () => {
    const { id, subject } = await signRequest("eu", asker, ASK);
    for (const wrong of [
      { ...subject, salt: "" },
      { ...subject, kind: "name" },
      { ...subject, kind: "session", value: "1" },
      { ...subject, value: "" },
    ])
      expect(await identity.ops("sealRawSubject", id, wrong)).toEqual({ ok: false, reason: "invalid" });
    expect(await identity.ops("sealRawSubject", "short", subject)).toEqual({ ok: false, reason: "invalid" });
  });
});

describe("staff of another cell", () => {
  const scc = async (changes: Partial<SccRecord> = {}, by: Person = officer) => {
    const { account, human, jwk } = foreigner;
    const claims: SccRecord = {
      id: "scc-0001",
      officer: officer.account,
      version: 1,
      person: { cell: "us", account, human, key: publicHalf(jwk) },
      purposes: ["fraud_investigation"],
      fields: ["name", "email"],
      issued: NOW() - 60,
      expires: NOW() + 86_400,
      ended: false,
      ...changes,
    };
    return signStatement("scc", sccClaims("eu", claims), by.jwk);
  };
  const FRAUD = { fields: ["name"], purpose: "fraud_investigation" };
  const foreign = async (changes: Partial<SccRecord> = {}, parts: Parts = {}, by: Person = officer) => {
    const requester = { scc: await scc(changes, by), officer: await record(by) };
    return grantOf({ ask: FRAUD, asker: foreigner, ...parts, grant: () => Promise.resolve({ requester }) });
  };

  test("read with a record that names them, and a second human of this cell", async () => {
    const { grant, view } = await foreign();
    const answer = await read(grant);
    if (!answer.ok) throw new Error(answer.reason);
    expect((await openAnswer(answer.value.sealed, view.privateJwk)).fields).toEqual({ name: MEMBER.name });
    expect((await identity.acts())[answer.value.auditIndex]?.detail).toMatchObject({
      staff: "us-staff-1",
      staff_cell: "us",
      scc: "scc-0001",
      approver: "staff-2",
    });
  });

  test.each<[string, RawReadRefusal, () => ReturnType<typeof foreign>]>([
    [
      "without a record, by the other cell's roster",
      "untrusted_record",
      () =>
        grantOf({
          ask: FRAUD,
          asker: foreigner,
          grant: async () => ({ requester: { record: await record(foreigner, {}, "us") } }),
        }),
    ],
    ["past the record's end date", "ended", () => foreign({ expires: NOW() - 1 })],
    ["by a record that was ended", "ended", () => foreign({ id: "scc-0002", ended: true })],
    ["for a purpose that the record does not name", "scc_required", () => foreign({ purposes: ["product_recall"] })],
    ["for a field that the record does not name", "scc_required", () => foreign({ fields: ["email"] })],
    [
      "by a record that names another person",
      "bad_signature",
      () => foreign({ person: { cell: "us", account: "us-staff-1", human: "h-1001", key: publicHalf(approver.jwk) } }),
    ],
    ["by a record that somebody else than the officer signed", "wrong_role", () => foreign({}, {}, asker)],
    [
      "by a record of a person of this very cell",
      "untrusted_record",
      () => foreign({ person: { cell: "eu", account: "us-staff-1", human: "h-1001", key: publicHalf(foreigner.jwk) } }),
    ],
    [
      "approved by the same human under an account here",
      "same_human",
      async () =>
        foreign({}, { approver: await other({ account: "staff-12", human: "h-1001", roles: ["privacy_approver"] }) }),
    ],
    [
      "approved by the officer whose record names them",
      "same_human",
      async () => {
        const both = await other({ account: "staff-14", human: "h-0014", roles: ["dpo", "privacy_approver"] });
        return foreign({ id: "scc-0014", officer: both.account }, { approver: both }, both);
      },
    ],
    [
      "approved by another account of that officer",
      "same_human",
      async () =>
        foreign({}, { approver: await other({ account: "staff-13", human: "h-0005", roles: ["privacy_approver"] }) }),
    ],
    [
      "approved with that officer's key",
      "same_key",
      async () =>
        foreign({}, { approver: { ...officer, account: "staff-15", human: "h-0015", roles: ["privacy_approver"] } }),
    ],
  ])("are refused %s: %s", async (_, code, made) => {
    expect(await read((await made()).grant)).toEqual({ ok: false, reason: code });
  });

  test("are refused by a record that a newer one has ended", async () => {
    const { grant } = await foreign({ id: "scc-0003" });
    const ended = await scc({ id: "scc-0003", version: 2, ended: true });
    expect(await identity.ops("sccChanged", ended, await record(officer))).toEqual({ ok: true });
    expect(await read(grant)).toEqual({ ok: false, reason: "ended" });
    expect(await identity.ops("sccChanged", ended, await record(asker))).toEqual({ ok: false, reason: "wrong_role" });
  });
});
