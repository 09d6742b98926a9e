import { addDays, type CalendarDate, dateIn, dateOf, partsOf, weekday } from "../../protocol/calendar/date.ts";

/** A week as ISO 8601 names it: `2026-W47`, Monday to Sunday, the first being the one with the year's first Thursday. */
export type Week = string;

/** The week that it is in a time zone (IANA name) at an instant, ms since the epoch. */
export function weekAt(timeZone: string, at: number): Week {
  return weekOf(dateIn(timeZone, at));
}

/** @returns undefined for another form and for a week that its year does not have, e.g. 2027-W53 */
export function parseWeek(text: string): Week | undefined {
  return /^[0-9]{4}-W[0-9]{2}$/.test(text) && weekOf(mondayOf(text)) === text ? text : undefined;
}

/** The instants of a week in a time zone: from its first, to before `end`. A week with a clock change has 167 or 169 hours. */
export function boundsOf(week: Week, timeZone: string): { readonly start: number; readonly end: number } {
  const monday = mondayOf(week);
  return { start: midnight(monday, timeZone), end: midnight(addDays(monday, 7), timeZone) };
}

/** The week so many weeks before. */
export function weekBefore(week: Week, weeks: number): Week {
  return weekOf(addDays(mondayOf(week), -7 * weeks));
}

function weekOf(date: CalendarDate): Week {
  const thursday = addDays(date, 4 - (weekday(date) || 7));
  const { year } = partsOf(thursday);
  const days = (Date.parse(thursday) - Date.parse(dateOf(year, 1, 1))) / 86_400_000;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, "0")}`;
}

function mondayOf(week: Week): CalendarDate {
  const [year, number] = [Number(week.slice(0, 4)), Number(week.slice(6))];
  const fourth = dateOf(year, 1, 4);
  return addDays(fourth, 1 - (weekday(fourth) || 7) + 7 * (number - 1));
}

/** When a day begins somewhere. The offset is asked for twice: the first answer may be of the other side of a clock change. */
function midnight(date: CalendarDate, timeZone: string): number {
  const utc = Date.parse(`${date}T00:00:00Z`);
  const once = utc - offsetAt(utc, timeZone);
  return utc - offsetAt(once, timeZone);
}

/** Milliseconds that a zone's clocks are ahead of UTC. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(name) ?? [];
  const ahead = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === "-" ? -ahead : ahead;
}
