import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import type { RetentionDesk } from "../index.ts";
import { SCHEDULE } from "../retention/schedule.ts";

const DAY = 86_400_000;
// Ahead of the real clock: workerd rings an alarm in the past at once.
const START = (Math.floor(Date.now() / DAY) + 2) * DAY;
beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** How the rooms around it answer, told over the same bindings; `down` are classes whose room does not answer. */
interface Rooms {
  readonly RIGHTS: {
    plan(plan: { down?: string[]; overdue?: Record<string, number> }): Promise<void>;
    purges(): Promise<[string, number][]>;
    walked(): Promise<(string | null)[]>;
  };
  /** `over`: entries of the log that are past their term; a call takes three. */
  readonly AUDIT: { plan(plan: { down?: boolean; over?: number }): Promise<void>; acts(): Promise<AuditAct[]> };
  readonly STORES: Pick<Rooms["RIGHTS"], "purges">;
  readonly TELEMETRY: Pick<Rooms["RIGHTS"], "purges">;
}
const rooms = env as unknown as Rooms;
const desk = (name: string) =>
  (env as unknown as { RETENTION: DurableObjectNamespace<RetentionDesk> }).RETENTION.getByName(name);
const alarmOf = (stub: DurableObjectStub<RetentionDesk>) =>
  runInDurableObject(stub, (_, state) => state.storage.getAlarm());
const proofs = async (from: number) =>
  (await rooms.AUDIT.acts()).slice(from).filter(({ kind, who }) => kind === "purge" && who === "retention");
const seen = async () => (await rooms.AUDIT.acts()).length;

describe("the retention object", () => {
  test("purges every class once a day by the room that holds it, with its own clock, and proves each", async () => {
    const stub = desk("once-a-day");
    const before = await seen();
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    const acts = await proofs(before);
    expect(acts.map(({ on }) => on).toSorted()).toEqual(SCHEDULE.map((each) => `class:${each.class}`).toSorted());
    expect(acts.every(({ success, when }) => success && when === START)).toBe(true);
    expect(acts[0]?.detail).toEqual({ purged: 3, overdue_left: 0, oldest_left: START });
    const asked = [rooms.RIGHTS, rooms.STORES, rooms.TELEMETRY].map((each) => each.purges());
    const times = (await Promise.all(asked)).flat().map(([, now]) => now);
    expect(times.every((now) => now === START)).toBe(true);
    // Nudged again on the same day, it does nothing.
    await stub.nudge();
    expect(await alarmOf(stub)).toBeNull();
    vi.setSystemTime(START + DAY);
    await stub.nudge();
    expect(await alarmOf(stub)).not.toBeNull();
  });

  test("walks over what is under an older key of the identity room, to the walk's end", async () => {
    const stub = desk("keys");
    const before = (await rooms.RIGHTS.walked()).length;
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect((await rooms.RIGHTS.walked()).slice(before)).toEqual([null, "persons:"]);
    expect(await alarmOf(stub)).toBeNull();
    await rooms.RIGHTS.plan({ down: ["keys"] });
    vi.setSystemTime(START + DAY);
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await alarmOf(stub)).toBe(START + DAY + 15 * 60_000);
    await rooms.RIGHTS.plan({});
    vi.setSystemTime(START + DAY + 15 * 60_000);
    await runDurableObjectAlarm(stub);
    expect((await rooms.RIGHTS.walked()).slice(before + 3)).toEqual([null, "persons:"]);
    expect(await alarmOf(stub)).toBeNull();
  });

  test("goes on with the other classes when a room is down, and comes back for that one alone", async () => {
    const stub = desk("a-room-is-down");
    await rooms.RIGHTS.plan({ down: ["looks"] });
    const before = await seen();
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await proofs(before)).toHaveLength(SCHEDULE.length - 1);
    expect(await alarmOf(stub)).toBe(START + 15 * 60_000);
    await rooms.RIGHTS.plan({});
    vi.setSystemTime(START + 15 * 60_000);
    const after = await seen();
    await runDurableObjectAlarm(stub);
    expect((await proofs(after)).map(({ on }) => on)).toEqual(["class:looks"]);
    expect(await alarmOf(stub)).toBeNull();
  });

  test("asks again while a room says that more is overdue, and proves the sum", async () => {
    const stub = desk("more-is-overdue");
    await rooms.RIGHTS.plan({ overdue: { looks: 4 } });
    const before = await seen();
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    const act = (await proofs(before)).find(({ on }) => on === "class:looks");
    expect(act?.detail).toMatchObject({ purged: 15, overdue_left: 0 });
  });

  test("prunes the audit log until nothing more of it may go, and says what is the oldest then", async () => {
    const stub = desk("a-long-log");
    await rooms.AUDIT.plan({ over: 9 });
    const before = await seen();
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    const act = (await proofs(before)).find(({ on }) => on === "class:audit_log");
    expect(act).toMatchObject({ success: true, detail: { purged: 9, overdue_left: 0, oldest_left: START } });
  });

  test("keeps the proof that the audit log did not take, and gives it before anything else", async () => {
    const stub = desk("the-log-is-down");
    await rooms.AUDIT.plan({ down: true });
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await alarmOf(stub)).toBe(START + 15 * 60_000);
    await rooms.AUDIT.plan({ down: false });
    vi.setSystemTime(START + 15 * 60_000);
    const before = await seen();
    await runDurableObjectAlarm(stub);
    const acts = await proofs(before);
    // Done already: what was owed is proved once, and nothing is purged again for it.
    expect(acts.map(({ on }) => on).filter((on) => on === "class:looks").length).toBeGreaterThanOrEqual(1);
    expect(acts.every(({ detail }) => detail?.["purged"] === 3)).toBe(true);
    expect(await alarmOf(stub)).toBeNull();
  });

  test("runs seven years, a quarter at a time, every class each time", async () => {
    const stub = desk("seven-years");
    const before = await seen();
    for (let quarter = 0; quarter < 28; quarter += 1) {
      vi.setSystemTime(START + quarter * 92 * DAY);
      await stub.nudge();
      await runDurableObjectAlarm(stub);
    }
    expect(await proofs(before)).toHaveLength(28 * SCHEDULE.length);
  }, 60_000);
});
