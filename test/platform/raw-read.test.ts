import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RawRead, SccRecord } from "../../protocol/rooms/raw-read.ts";
import type { StaffRole } from "../../protocol/rooms/staff.ts";
import { sccClaims } from "../../protocol/staff/scc.ts";
import { signStatement } from "../../protocol/staff/signed.ts";
import type { Host } from "../../tools/platform/rooms.ts";
import type { HostWorker } from "../../tools/platform/cell.ts";
import { OpsError, staffClient, type StaffClient } from "../../tools/staff/client.ts";
import { DEMO_STAFF, makeKey, publicHalf } from "../../tools/staff/demo-staff.ts";
import {
  type Ask,
  openAnswer,
  type Signatory,
  signApproval,
  type SignedRequest,
  signRequest,
  signView,
} from "../../tools/staff/raw-read.ts";
import { boundsOf, weekAt, weekBefore } from "../../workers/ops/review-week.ts";
import { startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { findTraces } from "./traces.ts";

const READS = "/privacy/v1/raw-reads";
const ZONE = "Europe/Berlin";
const DAY = 86_400_000;
/** The sign-in of the other cell, and one of its staff: this cell learns public halves alone. */
const PEER = await makeKey();
const FOREIGNER = { account: "us-staff-1", human: "h-1001", jwk: await makeKey() };
const VARS = { ops: { PEER_STAFF_JWKS: JSON.stringify({ us: publicHalf(PEER) }) } };

/** Speaks to the desk and the log with the ops room's own bindings: the desk's time is an argument there. */
const PROBE = "review-probe";
const SCRIPT = `export default { async fetch(request, env) {
  const { target, method, args } = await request.json();
  const stub = target === "desk" ? env.REVIEW_DESK.getByName("reviews") : env.AUDIT;
  return Response.json((await stub[method](...args)) ?? null);
} };`;
const besides = (host: Host, workers: readonly HostWorker[]): readonly HostWorker[] => {
  const ops = workers.find(({ name }) => name === "cartwright-ops-eu");
  if (host !== "platform" || ops === undefined) return [];
  const { unsafeDirectSockets: _, ...same } = ops as HostWorker & { unsafeDirectSockets?: unknown };
  const durableObjects = { REVIEW_DESK: { className: "ReviewDesk", scriptName: "cartwright-ops-eu" } };
  const modules = [{ type: "ESModule" as const, path: "index.js", contents: SCRIPT }];
  return [{ ...same, name: PROBE, modules, durableObjects } as HostWorker];
};

let eu: CellUnderTest;
let number: string;

beforeAll(async () => {
  eu = await startCellUnderTest("eu", { seed: { carts: 1 }, vars: VARS, besides });
  number = eu.store.loyaltyNumbers[0] ?? "";
});
afterAll(() => eu.end());

const signatory = (account: string): Signatory => ({
  account,
  jwk: eu.keys.outside.staffKeys.byAccount[account] ?? {},
});
function client(account: string, home?: "us"): StaffClient {
  const roles: readonly StaffRole[] = DEMO_STAFF.find((each) => each.account === account)?.roles ?? ["privacy"];
  const signingJwk = home === undefined ? eu.keys.outside.staffSigningJwk : PEER;
  const origin = eu.running.origins.ops;
  return staffClient({
    cell: "eu",
    origin,
    signingJwk,
    staff: account,
    roles,
    ...(home === undefined ? {} : { home }),
  });
}
const ask = (changes: Partial<Ask> = {}): Ask => ({
  subject: { kind: "loyalty", value: number },
  fields: ["name", "email"],
  purpose: "account_recovery",
  ticket: "CRM-7",
  ...changes,
});
async function request(by: Signatory, ops: StaffClient, changes: Partial<Ask> = {}): Promise<SignedRequest> {
  const signed = await signRequest("eu", by, ask(changes));
  await ops.post(READS, { statement: signed.statement, subject: signed.subject });
  return signed;
}
async function approve(signed: SignedRequest, account = "staff-2"): Promise<string> {
  const statement = await signApproval("eu", signatory(account), signed);
  await client(account).post(`${READS}/${signed.id}/approval`, { statement });
  return statement;
}
async function view(by: Signatory, ops: StaffClient, signed: SignedRequest, approval: string) {
  const order = await signView("eu", by, signed, approval);
  const read = await ops.post<RawRead>(`${READS}/${signed.id}/view`, { statement: order.statement });
  return { read, opened: await openAnswer(read.sealed, order.privateJwk) };
}
const code = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof OpsError ? error.code : String(error)),
  );
interface Item {
  readonly id: string;
  readonly kind: string;
  readonly facts: Readonly<Record<string, unknown>>;
}
async function probe<T>(target: "desk" | "audit", method: string, ...args: unknown[]): Promise<T> {
  const worker = await eu.running.hosts.platform.getWorker(PROBE);
  const body = JSON.stringify({ target, method, args });
  return (await (await worker.fetch("http://probe.test/", { method: "POST", body })).json()) as T;
}

describe("two people and one record of a running cell", () => {
  test("see just the fields that they asked for, once; the log has it, and no store of ops or log line does", async () => {
    const signed = await request(signatory("staff-1"), client("staff-1"));
    expect(await code(view(signatory("staff-1"), client("staff-1"), signed, "x"))).toBe("state");
    const approval = await approve(signed);
    const { read, opened } = await view(signatory("staff-1"), client("staff-1"), signed, approval);
    expect(read.proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    expect(opened.fields).toEqual({ name: "Demo Shopper 1", email: "demo.shopper.1@example.org" });
    const { entries } = await client("staff-3").get<{ entries: { kind: string; detail: object }[] }>(
      `/admin/v1/audit/entries?from=${read.auditIndex}&limit=1`,
    );
    expect(entries[0]).toMatchObject({
      kind: "raw_read",
      detail: {
        staff: "staff-1",
        approver: "staff-2",
        purpose: "account_recovery",
        ticket: "CRM-7",
        fields: "name email",
      },
    });
    expect(await code(view(signatory("staff-1"), client("staff-1"), signed, approval))).toBe("used");
    const rows = JSON.stringify(await eu.rows("ops", "STAFF_DB"));
    for (const text of ["Demo Shopper", "demo.shopper", number]) expect(rows).not.toContain(text);
    expect(findTraces(eu.root, ["Demo Shopper 1", "demo.shopper.1@"])).toEqual([]);
  });

  test("open the access file of somebody who wrote a letter, whom no token speaks for", async () => {
    const letters = client("staff-1");
    const requests = "/staff/v1/privacy-requests";
    const letter = { loyalty: number, kind: "access", receivedOn: "2026-11-02" };
    const { request: id } = await letters.post<{ request: string }>(requests, letter);
    const named: Partial<Ask> = {
      subject: { kind: "privacy_request", value: id },
      fields: ["access_file"],
      purpose: "privacy_request",
    };
    const by = signatory("staff-1");
    const early = await request(by, letters, named);
    expect(await code(view(by, letters, early, await approve(early)))).toBe("no_access_file");
    await letters.post(`${requests}/${id}/identity-check`, { how: "in_person" });
    await expect
      .poll(async () => (await letters.get<{ state: string }>(`${requests}/${id}`)).state, { timeout: 30_000 })
      .toBe("done");
    const signed = await request(by, letters, named);
    const { read, opened } = await view(by, letters, signed, await approve(signed));
    expect(read.proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    expect(opened.fields["access_file"]).toMatchObject({
      request: id,
      profile: [{ name: "Demo Shopper 1", email: "demo.shopper.1@example.org" }],
      loyaltyNumbers: [{ number }],
    });
    const rows = JSON.stringify(await eu.rows("ops", "STAFF_DB"));
    for (const text of ["Demo Shopper", number]) expect(rows).not.toContain(text);
  });

  test("are one winner of fifty views at once", async () => {
    const by = signatory("staff-1");
    const signed = await request(by, client("staff-1"));
    const approval = await approve(signed);
    const order = await signView("eu", by, signed, approval);
    const ops = client("staff-1");
    await ops.get(READS);
    const views = await Promise.all(
      Array.from({ length: 50 }, () => code(ops.post(`${READS}/${signed.id}/view`, { statement: order.statement }))),
    );
    expect(views.filter((each) => each === "done")).toHaveLength(1);
    expect(new Set(views)).toEqual(new Set(["done", "used"]));
  });

  test("are never one: the asker's own approval and one with the wrong key are refused", async () => {
    const signed = await request(signatory("staff-1"), client("staff-1"));
    const own = await signApproval("eu", signatory("staff-1"), signed);
    expect(await code(client("staff-1").post(`${READS}/${signed.id}/approval`, { statement: own }))).toBe("forbidden");
    expect(await code(client("staff-2").post(`${READS}/${signed.id}/approval`, { statement: own }))).toBe(
      "bad_signature",
    );
  });
});

describe("staff of the other cell", () => {
  const scc = async (changes: Partial<SccRecord> = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const record: SccRecord = {
      id: "scc-0001",
      officer: "staff-5",
      version: 1,
      person: { cell: "us", account: FOREIGNER.account, human: FOREIGNER.human, key: publicHalf(FOREIGNER.jwk) },
      purposes: ["account_recovery"],
      fields: ["name"],
      issued: now,
      expires: now + 3600,
      ended: false,
      ...changes,
    };
    const statement = await signStatement("scc", sccClaims("eu", record), signatory("staff-5").jwk);
    await client("staff-5").put(`/privacy/v1/scc-records/${record.id}`, { statement });
  };

  test("see tickets and states, and ask for nothing, until a signed record names them; then two people, all the same", async () => {
    const us = client(FOREIGNER.account, "us");
    const { requests } = await us.get<{ requests: object[] }>(READS);
    expect(requests.length).toBeGreaterThan(0);
    for (const each of requests) expect(Object.keys(each).sort()).toEqual(["state", "ticket"]);
    expect(await code(request(FOREIGNER, us, { fields: ["name"] }))).toBe("scc_required");
    await scc();
    expect(await code(request(FOREIGNER, us, { fields: ["email"] }))).toBe("scc_required");
    const signed = await request(FOREIGNER, us, { fields: ["name"] });
    expect(await code(view(FOREIGNER, us, signed, "x"))).toBe("state");
    const { opened } = await view(FOREIGNER, us, signed, await approve(signed));
    expect(opened.fields).toEqual({ name: "Demo Shopper 1" });
    await scc({ version: 2, ended: true });
    expect(await code(request(FOREIGNER, us, { fields: ["name"] }))).toBe("scc_required");
  });
});

describe("without the audit log", () => {
  test("nothing is shown, and the approval is still good when the log is back", async () => {
    const by = signatory("staff-1");
    const signed = await request(by, client("staff-1"));
    const approval = await approve(signed);
    const { root, store } = eu;
    const ports = Object.fromEntries(
      Object.entries(eu.running.origins).map(([name, origin]) => [name, Number(new URL(origin).port)]),
    ) as never;
    const again = { root, ports, store, besides };
    await eu.stop();
    // The log's object can't be reached in a jurisdiction that is not the cell's.
    eu = await startCellUnderTest("eu", { ...again, vars: { ...VARS, audit: { JURISDICTION: "us" } } });
    expect(await code(view(by, client("staff-1"), signed, approval))).toBe("unavailable");
    await eu.stop();
    eu = await startCellUnderTest("eu", { ...again, vars: VARS });
    expect((await view(by, client("staff-1"), signed, approval)).opened.fields).toMatchObject({
      name: "Demo Shopper 1",
    });
  });
});

describe("the weekly review of a running cell", () => {
  test("has this week's reads by people and an outlier of machines, is late after a week, and is closed by others", async () => {
    const log = await probe<{ entries: { kind: string; when: number }[] }>("audit", "read", 0, 1000);
    const reads = log.entries.filter(({ kind }) => kind === "raw_read");
    const week = weekAt(ZONE, reads[0]?.when ?? 0);
    const { start, end } = boundsOf(week, ZONE);
    for (let back = 6; back >= 0; back -= 1)
      for (let i = 0; i < (back === 0 ? 40 : 2); i += 1)
        await probe("audit", "append", {
          who: "ops",
          kind: "tier_join",
          when: back === 0 ? start + i : boundsOf(weekBefore(week, back), ZONE).start + i,
          success: true,
          from: "probe",
          on: "session:x",
          detail: { purpose: "probe_join", fields: "nickname" },
        });
    expect(await probe("desk", "open", week, end - 1)).toEqual({ ok: false, reason: "not_over" });
    expect(await probe("desk", "open", week, end + DAY)).toEqual({ ok: true });
    const reviewer = client("staff-3");
    const seen = await reviewer.get<{ humanReads: number; items: readonly Item[] }>(`/privacy/v1/reviews/${week}`);
    expect(seen.humanReads).toBe(5);
    expect(seen.items.filter(({ kind }) => kind === "raw_read")).toHaveLength(5);
    expect(seen.items.find(({ facts }) => facts["purpose"] === "probe_join")).toMatchObject({
      kind: "outlier",
      facts: { caller: "ops", joins: 40, median: 2 },
    });
    await probe("desk", "run", end + 9 * DAY);
    const late = await probe<{ entries: { kind: string; on: string; detail?: { step?: string } }[] }>(
      "audit",
      "read",
      0,
      1000,
    );
    expect(
      late.entries.filter(
        ({ kind, on, detail }) => kind === "review" && on === `review:${week}` && detail?.step === "overdue",
      ),
    ).toHaveLength(1);
    for (const { id } of seen.items)
      await reviewer.post(`/privacy/v1/reviews/${week}/items/${id}/decision`, { decision: "in_order" });
    expect(await reviewer.get(`/privacy/v1/reviews/${week}`)).toMatchObject({ state: "closed" });
  });
});
