import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PRIVACY_LAWS, type PrivacyLaw } from "../rooms/privacy.ts";
import { addDays, addMonths, type CalendarDate, dateIn, dateOf, parseCalendarDate, partsOf, weekday } from "./date.ts";
import { deadlinesOf, LAW_CALENDARS } from "./deadlines.ts";
import { addWorkingDays, easter, isHoliday, isWorkingDay } from "./holidays.ts";

const on = (text: string): CalendarDate => {
  const date = parseCalendarDate(text);
  if (date === undefined) throw new Error(text);
  return date;
};
const daysBetween = (from: CalendarDate, to: CalendarDate) => (Date.parse(to) - Date.parse(from)) / 86_400_000;
const anyDay = fc.integer({ min: 0, max: 36_524 }).map((days) => addDays(on("2020-01-01"), days));
const anyLaw = fc.constantFrom<PrivacyLaw>(...PRIVACY_LAWS);

describe("a deadline", () => {
  test.each([
    ["gdpr", "2028-01-31", "2028-02-29", "2028-02-29"],
    ["gdpr", "2026-12-31", "2027-02-01", "2027-01-29"],
    ["gdpr", "2027-01-31", "2027-03-01", "2027-02-26"],
    // Easter 2027 is 28 March: Good Friday to Easter Monday are no working days.
    ["gdpr", "2027-02-26", "2027-03-30", "2027-03-25"],
    ["uk-gdpr", "2027-11-25", "2027-12-29", "2027-12-24"],
    ["ccpa", "2026-12-01", "2027-01-15", "2027-01-15"],
    ["ccpa", "2026-11-18", "2027-01-02", "2026-12-31"],
  ] as const)("under %s of what came on %s ends on %s, and is aimed at %s", (law, received, statutory, target) => {
    expect(deadlinesOf(law, on(received), false)).toMatchObject({ statutory, target });
  });

  test("is extended by two months under the GDPR and by 45 days under the CCPA, counted from receipt", () => {
    expect(deadlinesOf("gdpr", on("2028-01-31"), true)).toMatchObject({
      statutory: "2028-05-02",
      target: "2028-04-28",
      extendUntil: "2028-02-29",
    });
    expect(deadlinesOf("ccpa", on("2026-12-01"), true)).toMatchObject({
      statutory: "2027-03-01",
      extendUntil: "2027-01-15",
    });
  });

  test("of the CCPA asks for a confirmation within ten business days; the others ask for none", () => {
    // Thanksgiving and two weekends lie between.
    expect(deadlinesOf("ccpa", on("2026-11-20"), false).confirmBy).toBe("2026-12-07");
    expect(deadlinesOf("gdpr", on("2026-11-20"), false).confirmBy).toBeNull();
  });

  test("is counted from the day that it is where the law is, not where the clock is", () => {
    const at = Date.parse("2026-12-31T23:30:00Z");
    expect(dateIn(LAW_CALENDARS.gdpr.timeZone, at)).toBe("2027-01-01");
    expect(dateIn(LAW_CALENDARS["uk-gdpr"].timeZone, at)).toBe("2026-12-31");
    expect(dateIn(LAW_CALENDARS.ccpa.timeZone, at)).toBe("2026-12-31");
  });

  test("has a target that is a working day, after receipt, and never after the statutory end", () => {
    fc.assert(
      fc.property(anyDay, anyLaw, fc.boolean(), (received, law, extended) => {
        const { statutory, target, extendUntil } = deadlinesOf(law, received, extended);
        expect(target <= statutory).toBe(true);
        expect(target > received).toBe(true);
        expect(isWorkingDay(target, LAW_CALENDARS[law].holidays)).toBe(true);
        expect(extendUntil > received && extendUntil <= deadlinesOf(law, received, true).statutory).toBe(true);
      }),
    );
  });

  test("of the GDPR is never later than the month of Art. 12(3) and its next working day", () => {
    fc.assert(
      fc.property(anyDay, fc.constantFrom("gdpr" as const, "uk-gdpr" as const), (received, law) => {
        const { statutory } = deadlinesOf(law, received, false);
        const { holidays } = LAW_CALENDARS[law];
        expect(isWorkingDay(statutory, holidays)).toBe(true);
        let end = addMonths(received, 1);
        while (!isWorkingDay(end, holidays)) end = addDays(end, 1);
        expect(statutory <= end).toBe(true);
        expect(daysBetween(received, statutory)).toBeGreaterThanOrEqual(28);
      }),
    );
  });

  test("of the CCPA is exactly 45 days on, or 90", () => {
    fc.assert(
      fc.property(anyDay, fc.boolean(), (received, extended) => {
        const { statutory } = deadlinesOf("ccpa", received, extended);
        expect(daysBetween(received, statutory)).toBe(extended ? 90 : 45);
      }),
    );
  });

  test("of a later receipt is never earlier", () => {
    fc.assert(
      fc.property(anyDay, anyLaw, fc.boolean(), (received, law, extended) => {
        const next = deadlinesOf(law, addDays(received, 1), extended);
        expect(next.statutory >= deadlinesOf(law, received, extended).statutory).toBe(true);
      }),
    );
  });
});

describe("a calendar day", () => {
  test.each(["2027-02-29", "2027-13-01", "2027-00-10", "2027-1-1", "27-01-01", "2027-01-01T00:00", "", "2027-04-31"])(
    "is not %o",
    (text) => {
      expect(parseCalendarDate(text)).toBeUndefined();
    },
  );

  test("a month on is in the next month, on the same day or that month's last", () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 0, max: 40 }), (date, months) => {
        const from = partsOf(date);
        const to = partsOf(addMonths(date, months));
        expect(to.year * 12 + to.month).toBe(from.year * 12 + from.month + months);
        const lastDay = addDays(addMonths(dateOf(from.year, from.month, 1), months + 1), -1);
        expect(to.day).toBe(Math.min(from.day, partsOf(lastDay).day));
      }),
    );
  });

  test("knows its weekday", () => {
    expect(weekday(on("2026-11-22"))).toBe(0);
    expect(weekday(on("2000-02-29"))).toBe(2);
  });
});

describe("a public holiday", () => {
  test.each([
    [2024, "2024-03-31"],
    [2025, "2025-04-20"],
    [2026, "2026-04-05"],
    [2038, "2038-04-25"],
  ])("follows Easter, which in %i is %s", (year, date) => {
    expect(easter(year)).toBe(date);
  });

  test.each([
    ["gb", "2027-12-27"],
    ["gb", "2027-12-28"],
    ["gb", "2022-12-27"],
    ["gb", "2022-12-26"],
    ["gb", "2028-01-03"],
    ["us", "2027-07-05"],
    ["us", "2027-12-31"],
    ["us", "2026-11-26"],
    ["de", "2027-05-06"],
    ["de", "2027-05-17"],
  ] as const)("of %s is %s", (calendar, date) => {
    expect(isHoliday(on(date), calendar)).toBe(true);
    expect(isWorkingDay(on(date), calendar)).toBe(false);
  });

  test("is passed over when working days are counted", () => {
    expect(addWorkingDays(on("2026-12-24"), 1, "de")).toBe("2026-12-28");
    expect(addWorkingDays(on("2026-12-24"), 0, "de")).toBe("2026-12-24");
  });
});
