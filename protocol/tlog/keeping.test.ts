import { describe, expect, it } from "vitest";
import { KEPT_MONTHS, LOCKED_DAYS, monthsBefore, prunableBefore } from "./keeping.ts";

describe("how long a log is kept", () => {
  it.each([
    ["2026-11-22T10:11:12.013Z", 13, "2025-10-22T10:11:12.013Z"],
    ["2026-01-15T00:00:00.000Z", 13, "2024-12-15T00:00:00.000Z"],
    ["2026-03-31T23:59:59.999Z", 13, "2025-02-28T23:59:59.999Z"],
    ["2025-03-31T12:00:00.000Z", 13, "2024-02-29T12:00:00.000Z"],
    ["2026-12-31T01:00:00.000Z", 1, "2026-11-30T01:00:00.000Z"],
    ["2026-05-05T05:05:05.005Z", 0, "2026-05-05T05:05:05.005Z"],
  ])("from %s, %i months back, is %s", (now, months, then) => {
    expect(new Date(monthsBefore(Date.parse(now), months)).toISOString()).toBe(then);
  });

  it("is more than the twelve months that PCI DSS asks for, on every day of four years", () => {
    for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2028, 0, 1); day += 86_400_000)
      expect(day - monthsBefore(day, KEPT_MONTHS)).toBeGreaterThan(366 * 86_400_000);
  });

  it("is longer than a lock holds the bucket, by more than a day, on every day of four years", () => {
    for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2028, 0, 1); day += 86_400_000) {
      expect(day - prunableBefore(day)).toBeGreaterThan((LOCKED_DAYS + 1) * 86_400_000);
      expect(prunableBefore(day)).toBeLessThanOrEqual(monthsBefore(day, KEPT_MONTHS));
    }
  });
});
