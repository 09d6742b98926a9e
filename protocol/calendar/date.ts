declare const brand: unique symbol;

/** A day of the proleptic Gregorian calendar as `yyyy-mm-dd` (RFC 3339, full-date); no time of day and no zone. */
export type CalendarDate = string & { readonly [brand]: "CalendarDate" };

const DAY_MS = 86_400_000;
const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;

/** @returns undefined for another form and for a day that no calendar has, e.g. 2027-02-29 */
export function parseCalendarDate(text: string): CalendarDate | undefined {
  if (!FORM.test(text)) return undefined;
  const parsed = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text
    ? undefined
    : (text as CalendarDate);
}

/** @throws RangeError outside the years 0 to 9999 */
export function dateOf(year: number, month: number, day: number): CalendarDate {
  const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  const date = parseCalendarDate(text);
  if (date === undefined) throw new RangeError(`no such day: ${text}`);
  return date;
}

/** The day that it is in a time zone (IANA name) at an instant in ms since the epoch. @throws RangeError for an unknown zone */
export function dateIn(timeZone: string, at: number): CalendarDate {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  return dateOf(part("year"), part("month"), part("day"));
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return new Date(serial(date) + days * DAY_MS).toISOString().slice(0, 10) as CalendarDate;
}

/**
 * The same day some months on. A month without that day ends the period on its own last day
 * (Regulation (EEC, Euratom) No 1182/71, Art. 3(2)(c)).
 */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const { year, month, day } = partsOf(date);
  const counted = year * 12 + (month - 1) + months;
  const inYear = Math.floor(counted / 12);
  const inMonth = (counted % 12) + 1;
  return dateOf(inYear, inMonth, Math.min(day, daysIn(inYear, inMonth)));
}

/** 0 is Sunday. */
export function weekday(date: CalendarDate): number {
  return new Date(serial(date)).getUTCDay();
}

export function earlier(one: CalendarDate, other: CalendarDate): CalendarDate {
  return one < other ? one : other;
}

export function partsOf(date: CalendarDate): { readonly year: number; readonly month: number; readonly day: number } {
  const match = FORM.exec(date);
  return { year: Number(match?.[1]), month: Number(match?.[2]), day: Number(match?.[3]) };
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function serial(date: CalendarDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}
