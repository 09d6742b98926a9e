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
    /**
     * `pages`: calls that a walk over the tombstones takes; `left`: whom the first of them can't remove; `throws`,
     * `fails`: which call of a class, counted from one, does.
     */
    plan(plan: {
      down?: string[];
      overdue?: Record<string, number>;
      throws?: Record<string, number>;
      fails?: Record<string, number>;
      pages?: number;
      left?: number;
    }): Promise<void>;
    replayed(): Promise<(string | null)[]>;
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
  (await rooms.AUDIT.acts()).slice(from).filter(({ on, who }) => on?.startsWith("class:") && who === "retention");
const walks = async (from: number) => (await rooms.AUDIT.acts()).slice(from).filter(({ on }) => on === "tombstones");
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

  test("removes again who was erased and is back, once a day, and proves the walk", async () => {
    const stub = desk("tombstones");
    const [before, asked] = [await seen(), (await rooms.RIGHTS.replayed()).length];
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    await stub.nudge();
    expect(await alarmOf(stub)).toBeNull();
    expect((await rooms.RIGHTS.replayed()).slice(asked)).toEqual([null]);
    const detail = { day: new Date(START).toISOString().slice(0, 10), tombstones: 2, checked: 5, removed: 1, left: 0 };
    expect(await walks(before)).toMatchObject([{ who: "retention", kind: "purge", success: true, detail }]);
    vi.setSystemTime(START + DAY);
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await walks(before)).toHaveLength(2);
  });

  test("goes on with a long walk over the tombstones where the run before stopped, and proves it once", async () => {
    const stub = desk("a-long-walk");
    const [before, asked] = [await seen(), (await rooms.RIGHTS.replayed()).length];
    await rooms.RIGHTS.plan({ pages: 25 });
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect((await rooms.RIGHTS.replayed()).slice(asked)).toHaveLength(20);
    expect(await walks(before)).toEqual([]);
    expect(await alarmOf(stub)).toBe(START + 15 * 60_000);
    vi.setSystemTime(START + 15 * 60_000);
    await runDurableObjectAlarm(stub);
    expect((await rooms.RIGHTS.replayed()).slice(asked + 20)).toEqual(["0:21", "0:22", "0:23", "0:24", "0:25"]);
    expect(await walks(before)).toMatchObject([{ detail: { checked: 125, removed: 1, left: 0 } }]);
    expect(await alarmOf(stub)).toBeNull();
    await rooms.RIGHTS.plan({});
  });

  test("comes back for a walk that identity or the log did not answer, and begins anew after one that left somebody", async () => {
    const stub = desk("a-walk-that-fails");
    const [before, asked] = [await seen(), (await rooms.RIGHTS.replayed()).length];
    await rooms.RIGHTS.plan({ down: ["tombstones"] });
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await walks(before)).toEqual([]);
    await rooms.RIGHTS.plan({});
    await rooms.AUDIT.plan({ down: true });
    await runDurableObjectAlarm(stub);
    await rooms.AUDIT.plan({ down: false });
    await runDurableObjectAlarm(stub);
    expect(await walks(before)).toMatchObject([{ success: true }]);
    // The walk that was not proved was not walked again.
    expect((await rooms.RIGHTS.replayed()).slice(asked)).toEqual([null, null]);
    await rooms.RIGHTS.plan({ left: 1 });
    vi.setSystemTime(START + DAY);
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect((await walks(before)).at(-1)).toMatchObject({ success: false, detail: { left: 1 } });
    expect(await alarmOf(stub)).not.toBeNull();
    await rooms.RIGHTS.plan({});
    await runDurableObjectAlarm(stub);
    expect((await walks(before)).at(-1)).toMatchObject({ success: true, detail: { left: 0 } });
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

  test("proves what went before a call that broke off, whether it threw or answered that it can't", async () => {
    for (const how of ["throws", "fails"] as const) {
      const stub = desk(`a-run-that-broke-off-${how}`);
      const before = await seen();
      await rooms.RIGHTS.plan({ overdue: { looks: 9 }, [how]: { looks: 3 } });
      await stub.nudge();
      await runDurableObjectAlarm(stub);
      await rooms.RIGHTS.plan({});
      vi.setSystemTime(Date.now() + 15 * 60_000);
      await runDurableObjectAlarm(stub);
      const looks = (await proofs(before)).filter(({ on }) => on === "class:looks");
      expect(looks).toMatchObject([
        { success: false, detail: { purged: 6, overdue_left: 8 } },
        { success: true, detail: { purged: 3, overdue_left: 0 } },
      ]);
    }
  });

  test("tells operators which class a room answered that it can't purge", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await rooms.RIGHTS.plan({ down: ["looks"] });
    const stub = desk("a-class-that-fails");
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    await rooms.RIGHTS.plan({});
    expect(told.mock.calls.flat()).toEqual([
      JSON.stringify({ event: "retention_failed", class: "looks", error: "unavailable" }),
    ]);
    told.mockRestore();
  });

  test("proves once, when the day has ended, that a class was not done on it", async () => {
    const stub = desk("a-day-without-one");
    const before = await seen();
    const missed = async () => (await proofs(before)).filter(({ detail }) => detail?.["code"] === "not_done");
    await rooms.RIGHTS.plan({ down: ["looks"] });
    await stub.nudge();
    for (const minutes of [0, 15, 23 * 60 + 45]) {
      vi.setSystemTime(START + minutes * 60_000);
      await runDurableObjectAlarm(stub);
    }
    expect(await missed()).toEqual([]);
    // The log is down as the day ends: it is told as soon as it answers.
    await rooms.AUDIT.plan({ down: true });
    vi.setSystemTime(START + DAY);
    await runDurableObjectAlarm(stub);
    await rooms.AUDIT.plan({ down: false });
    for (const minutes of [15, 30]) {
      vi.setSystemTime(START + DAY + minutes * 60_000);
      await runDurableObjectAlarm(stub);
    }
    const day = new Date(START).toISOString().slice(0, 10);
    expect(await missed()).toMatchObject([
      { who: "retention", kind: "purge", success: false, on: "class:looks", detail: { code: "not_done", day } },
    ]);
    await rooms.RIGHTS.plan({});
    await runDurableObjectAlarm(stub);
    vi.setSystemTime(START + 2 * DAY);
    await stub.nudge();
    await runDurableObjectAlarm(stub);
    expect(await missed()).toHaveLength(1);
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
