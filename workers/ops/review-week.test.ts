import { describe, expect, test } from "vitest";
import { boundsOf, parseWeek, weekAt, weekBefore } from "./review-week.ts";

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const at = (text: string) => Date.parse(text);

describe("the week of a review", () => {
  test.each([
    ["2026-11-22T12:00:00Z", BERLIN, "2026-W47"],
    ["2026-11-22T22:59:59Z", BERLIN, "2026-W47"],
    ["2026-11-22T23:00:00Z", BERLIN, "2026-W48"],
    ["2026-11-23T04:59:59Z", NEW_YORK, "2026-W47"],
    ["2026-11-23T05:00:00Z", NEW_YORK, "2026-W48"],
    ["2027-01-01T12:00:00Z", BERLIN, "2026-W53"],
    ["2024-12-30T12:00:00Z", BERLIN, "2025-W01"],
    ["2023-01-01T12:00:00Z", BERLIN, "2022-W52"],
  ])("at %s in %s is %s", (instant, zone, week) => {
    expect(weekAt(zone, at(instant))).toBe(week);
  });

  test("begins on Monday's first instant where the cell is, and is an hour shorter or longer when clocks change", () => {
    expect(boundsOf("2026-W47", BERLIN)).toEqual({
      start: at("2026-11-15T23:00:00Z"),
      end: at("2026-11-22T23:00:00Z"),
    });
    const hours = (week: string, zone: string) => (boundsOf(week, zone).end - boundsOf(week, zone).start) / 3_600_000;
    expect([hours("2026-W13", BERLIN), hours("2026-W43", BERLIN)]).toEqual([167, 169]);
    expect([hours("2026-W10", NEW_YORK), hours("2026-W44", NEW_YORK)]).toEqual([167, 169]);
  });

  test("has every instant in exactly one week", () => {
    for (let week = "2026-W01"; week < "2027-W10"; week = weekAt(BERLIN, boundsOf(week, BERLIN).end)) {
      const { start, end } = boundsOf(week, BERLIN);
      expect([weekAt(BERLIN, start), weekAt(BERLIN, end - 1), weekAt(BERLIN, start - 1)]).toEqual([
        week,
        week,
        weekBefore(week, 1),
      ]);
    }
  });

  test("goes back over the end of a year with 53 weeks", () => {
    expect(weekBefore("2027-W01", 1)).toBe("2026-W53");
    expect(weekBefore("2026-W03", 8)).toBe("2025-W47");
  });

  test.each(["2026-W54", "2027-W53", "2026-W00", "2026-W1", "2026W01", "2026-W1a", ""])("is not %s", (text) => {
    expect(parseWeek(text)).toBeUndefined();
  });
});
