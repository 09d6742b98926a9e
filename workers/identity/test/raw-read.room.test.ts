import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../../tools/staff/demo-staff.ts";
import { openAnswer, signView } from "../../../tools/staff/raw-read.ts";
import { MEMBER, type RawReads, startRawReads } from "./raw-read-grants.ts";

let desk: RawReads;
beforeAll(async () => {
  desk = await startRawReads();
});
afterAll(() => desk.identity.room.stop());

describe("two people read one record", () => {
  test("of just the fields that were asked for, sealed for the viewer's key alone", async () => {
    const { grant, view, request } = await desk.grantOf();
    const answer = await desk.read(grant);
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
    const { grant, request } = await desk.grantOf({
      ask: { fields: ["loyalty", "email"], purpose: "fraud_investigation" },
    });
    const answer = await desk.read(grant);
    const acts = await desk.identity.acts();
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
    expect(await desk.identity.rows("ENTITIES")).toContain('"who":"staff:staff-1"');
  });

  test("finds a person by the session that they are linked to, too", async () => {
    const session = crypto.randomUUID();
    const trip = { session, store: "eu-demo", cart: "0a".repeat(16) };
    expect(await desk.identity.sessions("byLoyalty", trip, MEMBER.loyalty)).toMatchObject({
      value: { status: "linked" },
    });
    const { grant, view } = await desk.grantOf({ ask: { subject: { kind: "session", value: session } } });
    const answer = await desk.read(grant);
    if (!answer.ok) throw new Error(answer.reason);
    expect((await openAnswer(answer.value.sealed, view.privateJwk)).fields).toMatchObject({ name: MEMBER.name });
  });

  test("is good for one use, of fifty at once as well, by a new order to view, too", async () => {
    const { grant, request } = await desk.grantOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => desk.read(grant)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers) if (!answer.ok) expect(answer.reason).toBe("used");
    const again = await signView("eu", desk.asker, request, grant.approval);
    expect(await desk.read({ ...grant, view: again.statement })).toEqual({ ok: false, reason: "used" });
    const reads = (await desk.identity.acts()).filter(
      ({ kind, detail }) => kind === "raw_read" && detail?.["request"] === request.id,
    );
    expect(reads).toHaveLength(1);
  });

  test.each(["refusing", "throwing"] as const)(
    "shows nothing while the audit log is %s, and can be tried again",
    async (mode) => {
      const { grant } = await desk.grantOf();
      await desk.identity.audit(mode);
      try {
        expect(await desk.read(grant)).toEqual({ ok: false, reason: "unavailable" });
        expect(await desk.read({ ...grant, approval: "x" })).toEqual({ ok: false, reason: "unavailable" });
      } finally {
        await desk.identity.audit("up");
      }
      expect((await desk.read(grant)).ok).toBe(true);
    },
  );
});
