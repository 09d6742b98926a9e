import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../protocol/result.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import type { PrivacyKind, PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import { startRoom, type RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { remembered } from "./fixture.ts";
import { RIGHTS_NEIGHBOURS } from "./rights-neighbours.ts";

/** The object alone, with every room that it asks scripted. */
interface Plan {
  readonly down?: readonly string[];
  readonly broken?: readonly string[];
  readonly left?: readonly string[];
  readonly unknown?: readonly string[];
  readonly law?: "gdpr" | "ccpa";
  readonly unstarted?: readonly string[];
  readonly owed?: readonly object[];
  readonly told?: boolean;
  readonly trips?: readonly object[] | undefined;
  /** Last days of holds, one a call. */
  readonly until?: readonly string[];
  readonly calls?: readonly number[];
}
interface Heard extends Plan {
  readonly asked: readonly string[];
  readonly ended: readonly (readonly [string, string])[];
  readonly collected?: readonly (readonly [string, number, string])[];
}
type Answer = Result<PrivacyStatus, string>;

let room: RoomUnderTest;
const SOON = { timeout: 10_000, interval: 50 };

beforeAll(async () => {
  room = await startRoom("sessions", { neighbours: RIGHTS_NEIGHBOURS });
});
afterAll(() => room?.stop());

async function plan(neighbour: string, what: Plan = {}): Promise<Heard> {
  const worker = await room.miniflare.getWorker(`cartwright-${neighbour}-eu`);
  const response = await worker.fetch("http://neighbour.test/", { method: "POST", body: JSON.stringify(what) });
  return (await response.json()) as Heard;
}
beforeEach(async () => {
  await plan("identity", { told: false });
  for (const each of ["payments", "stores", "telemetry"]) await plan(each);
});

const newId = (kind: PrivacyKind, checked: "token" | "staff" = "token") =>
  `${kind[0]}${checked === "staff" ? "5" : "0"}${crypto.randomUUID().slice(2)}`;
const start = (id: string) => room.call<Answer>("ForApps", "edge", "startPrivacyRequest", id);
const see = async (id: string): Promise<PrivacyStatus> => {
  const status = await room.call<Answer>("ForApps", "edge", "privacyStatus", id);
  if (!status.ok) throw new Error(status.reason);
  return status.value;
};
const byStaff = (method: string, id: string, ...args: string[]) =>
  room.call<Answer>("ForOps", "ops", method, id, "pat", ...args);
const actsOf = async (id: string) =>
  (await remembered<AuditAct[]>(room, "audit")).filter(({ detail }) => detail?.["request"] === id);
const stepsOf = (status: PrivacyStatus) => Object.fromEntries(status.steps.map(({ store, state }) => [store, state]));

describe("an erasure", () => {
  test("asks each store in order, the key last, and is done with a proof of every act in the log", async () => {
    const id = newId("erasure");
    await start(id);
    await expect.poll(async () => (await see(id)).proofs.length, SOON).toBe(12);
    const done = await see(id);
    expect(done).toMatchObject({ state: "done", stays: [{ store: "receipts", law: "§ 147 AO", until: "2034-12-31" }] });
    const heard = await remembered<Heard>(room, "identity");
    expect(heard.asked.filter((each) => each.startsWith("erase") || each === "ended")).toEqual([
      "erase entities",
      "erase persons",
      "erase person_keys",
      "erase person_keys",
      "ended",
    ]);
    expect(heard.ended).toContainEqual([id, "done"]);
    const acts = await actsOf(id);
    expect(acts.map(({ detail }) => detail?.["act"])).toEqual([
      "identity_checked",
      "running",
      ...done.steps.map(() => "store"),
      "done",
    ]);
    // Never the person's commitment: the two in one entry would outlive the erasure.
    for (const act of acts) expect(act).toMatchObject({ kind: "privacy_request", on: `request:${id}` });
    expect(JSON.stringify(acts)).not.toContain("ab".repeat(32));
    expect(done.acts).toEqual(done.proofs.map(({ index }) => index));
  });

  test.each([
    ["payments", { down: ["forgetCards"] }, "vault"],
    ["payments", { broken: ["forgetCards"] }, "vault"],
    ["stores", { left: ["forgetReceipts"] }, "receipts"],
    ["telemetry", { left: ["forgetTrips"] }, "telemetry"],
    ["identity", { left: ["erase entities"], told: true }, "entities"],
    ["identity", { down: ["erase person_keys"] }, "person_keys"],
  ] as const)(
    "whose %s answers %j is not done before it has proved it, and shows which store waits",
    async (neighbour, how, store) => {
      await plan(neighbour, how);
      const id = newId("erasure");
      await start(id);
      await expect.poll(async () => stepsOf(await see(id))[store], SOON).toBe("waiting");
      const waiting = await see(id);
      expect(waiting).toMatchObject({ state: "running", ended: null });
      const after = waiting.steps.slice(waiting.steps.findIndex((step) => step.store === store) + 1);
      expect(after.every(({ proof }) => proof === null)).toBe(true);
      expect((await remembered<Heard>(room, "identity")).ended).not.toContainEqual([id, "done"]);
      await plan(neighbour, { told: true });
      await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
    },
  );

  test("of more trips than a room can look through in one call asks in parts, and says what all of them did", async () => {
    const trips = Array.from({ length: 250 }, () => ({ session: crypto.randomUUID(), linked: 1, ended: 2 }));
    await plan("identity", { trips, told: false });
    await plan("stores", { until: ["2033-12-31", "2035-12-31", "2034-12-31"], calls: [] });
    const id = newId("erasure");
    await start(id);
    await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
    expect((await remembered<Heard>(room, "stores")).calls).toEqual([100, 100, 50]);
    const receipts = (await see(id)).steps.find(({ store }) => store === "receipts");
    expect(receipts?.proof).toMatchObject({ outcome: "held", count: 250, left: 0, until: "2035-12-31" });
    await plan("identity", { trips: undefined });
  });

  test("does not wait for a recipient that does not answer, and is not done before it has", async () => {
    await plan("stores", { down: ["notify"] });
    const id = newId("erasure");
    await start(id);
    await expect.poll(async () => stepsOf(await see(id))["audit"], SOON).toBe("proved");
    expect(await see(id)).toMatchObject({ state: "running" });
    expect(stepsOf(await see(id))["recipients"]).toBe("waiting");
    await plan("stores");
    await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
  });
});

describe("an access request", () => {
  test("carries receipts into the file and holds nothing of them itself", async () => {
    const id = newId("access");
    await start(id);
    await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
    const { collected } = await remembered<Heard>(room, "identity");
    expect(collected?.at(-2)).toEqual(["sessions", 0, expect.stringContaining("09521234543213")]);
    expect(collected?.at(-1)).toEqual(["receipts", 0, expect.stringContaining('"reference":"r"')]);
    expect(JSON.stringify(await see(id))).not.toContain("0b7c2a52");
  });

  test("says of a store that has nothing that it has nothing, so that an earlier try leaves nothing behind", async () => {
    await plan("identity", { trips: [] });
    const id = newId("access");
    await start(id);
    await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
    const { collected } = await remembered<Heard>(room, "identity");
    expect(collected?.slice(-2)).toEqual([
      ["sessions", 0, "{}"],
      ["receipts", 0, "{}"],
    ]);
    expect((await see(id)).steps.find(({ store }) => store === "receipts")?.proof).toMatchObject({ outcome: "none" });
    await plan("identity", { trips: undefined });
  });

  test("of a person who was erased meanwhile ends as refused, naming the law", async () => {
    await plan("identity", { unknown: ["trips"] });
    const id = newId("access");
    await start(id);
    await expect.poll(async () => (await see(id)).state, SOON).toBe("refused");
    expect(await see(id)).toMatchObject({ refusal: "gdpr-11-2" });
    expect((await remembered<Heard>(room, "identity")).ended).toContainEqual([id, "refused"]);
  });
});

describe("a letter", () => {
  test("rests until staff have checked who wrote it, and what they did is in the log under their id", async () => {
    const id = newId("correction", "staff");
    await start(id);
    expect((await see(id)).state).toBe("received");
    expect((await remembered<Heard>(room, "identity")).asked).not.toContain("correct");
    expect(await byStaff("checkPrivacyIdentity", id, "in_person")).toMatchObject({ ok: true });
    await expect.poll(async () => (await see(id)).state, SOON).toBe("done");
    expect((await actsOf(id))[0]).toMatchObject({
      who: "staff:pat",
      on: `subject:${"ab".repeat(32)}`,
      detail: { act: "identity_checked", how: "in_person" },
    });
    for (const [method, what] of [
      ["checkPrivacyIdentity", "document"],
      ["refusePrivacyRequest", "gdpr-11-2"],
      ["extendPrivacyRequest", "complex"],
    ] as const)
      expect(await byStaff(method, id, what)).toEqual({ ok: false, reason: "state" });
  });

  test("under the CCPA has its receipt confirmed once, by staff, in the log; elsewhere and in the app there is nothing to confirm", async () => {
    await plan("identity", { law: "ccpa" });
    const [id, inApp] = [newId("access", "staff"), newId("access")];
    await start(id);
    await start(inApp);
    expect(await see(id)).toMatchObject({ confirmBy: "2026-11-17", confirmedOn: null });
    expect(await see(inApp)).toMatchObject({ confirmedOn: "2026-11-02" });
    const confirmed = await byStaff("confirmPrivacyReceipt", id);
    expect(confirmed).toMatchObject({ ok: true, value: { state: "received" } });
    expect((await see(id)).confirmedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(await actsOf(id)).toMatchObject([{ who: "staff:pat", detail: { act: "receipt_confirmed", under: "ccpa" } }]);
    expect(await byStaff("confirmPrivacyReceipt", id)).toEqual({ ok: false, reason: "state" });
    expect(await byStaff("confirmPrivacyReceipt", inApp)).toEqual({ ok: false, reason: "state" });
    await plan("identity", {});
    const european = newId("access", "staff");
    await start(european);
    expect(await see(european)).toMatchObject({ confirmBy: null, confirmedOn: null });
    expect(await byStaff("confirmPrivacyReceipt", european)).toEqual({ ok: false, reason: "state" });
  });

  test("is refused by a call that breaks the contract, or that nobody may make", async () => {
    const id = newId("access", "staff");
    await start(id);
    await expect(byStaff("checkPrivacyIdentity", id, "by_feeling")).rejects.toThrow("how is malformed");
    await expect(byStaff("refusePrivacyRequest", id, "no-law")).rejects.toThrow("law is malformed");
    await expect(byStaff("extendPrivacyRequest", id, "no time")).rejects.toThrow("reason is malformed");
    expect(await room.call("ForOps", "ops", "privacyStatus", "not-an-id")).toEqual({ ok: false, reason: "unknown" });
    expect((await see(id)).state).toBe("received");
  });
});

describe("starting", () => {
  test("again is the same request; one that identity does not know is none", async () => {
    const id = newId("access", "staff");
    const [first, second] = [await start(id), await start(id)];
    expect(second).toEqual(first);
    await plan("identity", { unknown: ["facts"] });
    expect(await start(newId("access"))).toEqual({ ok: false, reason: "unknown" });
  });

  test("that broke off is done by the desk, as is what recipients are owed", async () => {
    const id = newId("access");
    await plan("identity", { unstarted: [id], owed: [{ id: "n-2", store: "eu-test", jwe: "sealed" }] });
    await room.call("ForApps", "edge", "tellRecipients");
    await expect.poll(async () => (await remembered<Heard>(room, "identity")).ended, SOON).toContainEqual([id, "done"]);
    await expect.poll(async () => (await remembered<Heard>(room, "identity")).owed, SOON).toEqual([]);
    expect((await remembered<Heard>(room, "identity")).unstarted).toEqual([]);
  });

  test("carries what recipients are owed to the end in one run, though a call gives only a few of them", async () => {
    await plan("identity", { owed: ["n-5", "n-6", "n-7"].map((id) => ({ id, store: "eu-test", jwe: "sealed" })) });
    await room.call("ForApps", "edge", "tellRecipients");
    await expect.poll(async () => (await remembered<Heard>(room, "identity")).owed, SOON).toEqual([]);
  });

  test("holds up no other notice when one makes the room that carries it fail, and owes that one still", async () => {
    await plan("stores", { broken: ["notify n-3"] });
    await plan("identity", { owed: ["n-3", "n-4"].map((id) => ({ id, store: "eu-test", jwe: "sealed" })) });
    await room.call("ForApps", "edge", "tellRecipients");
    const owed = async () => (await remembered<Heard>(room, "identity")).owed;
    await expect.poll(owed, SOON).toEqual([{ id: "n-3", store: "eu-test", jwe: "sealed" }]);
    await plan("identity", { owed: [] });
  });
});
