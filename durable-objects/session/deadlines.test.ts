import { expect, test } from "vitest";
import { nextAlarm } from "./deadlines.ts";
import type { Trip } from "./trip.ts";

const WAITING = { state: "checkout", handoff: { expires: 1_000 }, outstanding: [], exitAt: null, endedAt: null };
const trip = WAITING as unknown as Trip;

test("a deadline that has passed unanswered rings later and later, never at once", () => {
  expect(nextAlarm(trip, null, 500)).toBe(1_000);
  const pauses = [1_000, 1_500, 5_000, 31_000, 1_000_000].map((now) => (nextAlarm(trip, null, now) ?? 0) - now);
  expect(pauses).toEqual([1_000, 1_000, 4_000, 30_000, 60_000]);
});
