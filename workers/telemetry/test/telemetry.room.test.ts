import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DailyRollup, Segment } from "../../../protocol/rooms/telemetry.ts";
import type { Result } from "../../../protocol/result.ts";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";
import { CART, EVENTS, LATE, SEGMENT, STORE } from "./sample.ts";

let room: RoomUnderTest;
const deliver = (segment: object) =>
  room.call<Result<undefined, string>>("ForSessions", "sessions", "deliver", segment);
const daily = (store: string, day: string) =>
  room.call<Result<DailyRollup | null, string>>("ForOps", "ops", "daily", store, day);
const objects = async () => {
  const bucket = await room.miniflare.getR2Bucket("SEGMENTS", room.worker);
  return (await bucket.list()).objects.map((each) => each.key);
};

beforeAll(async () => {
  room = await startRoom("telemetry");
});
afterAll(() => room.stop());

describe("telemetry", () => {
  it("knows nothing of a store and day without events", async () => {
    expect(await daily("eu-demo", "2026-01-01")).toEqual({ ok: true, value: null });
    expect(await daily("' OR 1=1", "2026-01-01")).toEqual({ ok: true, value: null });
    expect(await daily("eu-demo", "yesterday")).toEqual({ ok: true, value: null });
  });

  it("refuses a segment that is not Tier 1, and keeps nothing of it", async () => {
    const before = await objects();
    expect(await deliver({ ...SEGMENT, customer: "9f86d081884c7d659a2feaa0c55ad015" })).toEqual({
      ok: false,
      reason: "invalid",
    });
    expect(await objects()).toEqual(before);
  });

  it("keeps a trip as one object and counts it by day", async () => {
    expect(await deliver(SEGMENT)).toMatchObject({ ok: true });
    const key = `v1/eu-demo/2026-11-21/23/${SEGMENT.key}.ndjson`;
    const bucket = await room.miniflare.getR2Bucket("SEGMENTS", room.worker);
    const text = await (await bucket.get(key))?.text();
    expect(text?.trimEnd().split("\n")).toHaveLength(EVENTS.length);
    expect(await daily(STORE, "2026-11-21")).toMatchObject({
      value: { scans: 2, holds: 1, trips: 0, revenueMinor: 0 },
    });
    expect(await daily(STORE, "2026-11-22")).toEqual({
      ok: true,
      value: {
        store: STORE,
        day: "2026-11-22",
        trips: 1,
        scans: 0,
        removals: 1,
        holds: 0,
        faults: 1,
        abandoned: 0,
        walkedOut: 0,
        revenueMinor: 1249,
        currency: "EUR",
      },
    });
  });

  it("counts a redelivery once, one after another, in parallel, and with the sender's meter moved on", async () => {
    const store = "eu-again";
    const segment = { ...SEGMENT, store, session: uuid(1), key: uuid(1) };
    const moved = { ...segment, events: EVENTS.map((e) => (e.kind === "ended" ? { ...e, rowsRead: 91 } : e)) };
    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(segment)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(await deliver(segment)).toMatchObject({ ok: true });
    expect(await deliver(moved)).toMatchObject({ ok: true });
    expect(await daily(store, "2026-11-22")).toMatchObject({ value: { trips: 1, revenueMinor: 1249 } });
    expect((await objects()).filter((key) => key.startsWith(`v1/${store}/`))).toHaveLength(1);
  });

  it("adds up trips that arrive at the same time", async () => {
    const store = "eu-busy";
    const keys = Array.from({ length: 30 }, (_, n) => uuid(100 + n));
    await Promise.all(keys.map((key) => deliver({ ...SEGMENT, store, session: key, key })));
    expect(await daily(store, "2026-11-21")).toMatchObject({ value: { scans: 60, holds: 30 } });
    expect(await daily(store, "2026-11-22")).toMatchObject({ value: { trips: 30, revenueMinor: 30 * 1249 } });
  });

  it("completes a delivery that broke off after the object and before the count", async () => {
    const store = "eu-broken";
    const segment = { ...SEGMENT, store, session: uuid(7), key: uuid(7) };
    const database = await room.miniflare.getD1Database("TELEMETRY_DB", room.worker);
    await database.exec("ALTER TABLE takings RENAME TO takings_away");
    expect(await deliver(segment)).toEqual({ ok: false, reason: "unavailable" });
    expect(await daily(store, "2026-11-21")).toEqual({ ok: false, reason: "unavailable" });
    await database.exec("ALTER TABLE takings_away RENAME TO takings");
    expect(await daily(store, "2026-11-21")).toEqual({ ok: true, value: null });
    expect(await deliver(segment)).toMatchObject({ ok: true });
    expect(await daily(store, "2026-11-21")).toMatchObject({ value: { scans: 2 } });
    expect(await daily(store, "2026-11-22")).toMatchObject({ value: { trips: 1, revenueMinor: 1249 } });
  });

  it("counts health outside a session, with no revenue and the cell's currency", async () => {
    const outside = {
      store: "eu-idle",
      cart: CART,
      session: null,
      key: `${CART}-2-9`,
      events: [{ kind: "fault", at: LATE, code: 3, detail: 0 }],
    };
    expect(await deliver(outside)).toMatchObject({ ok: true });
    expect(await daily("eu-idle", "2026-11-21")).toMatchObject({
      value: { faults: 1, revenueMinor: 0, currency: "EUR" },
    });
  });

  it("answers nothing over HTTP", async () => {
    expect((await room.fetch("/")).status).toBe(404);
  });
});

function uuid(n: number): NonNullable<Segment["session"]> {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as NonNullable<Segment["session"]>;
}
