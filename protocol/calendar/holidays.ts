import { addDays, type CalendarDate, dateOf, partsOf, weekday } from "./date.ts";

/**
 * Public holidays that a deadline may meet. `de`: the days that all Länder share. `gb`: bank holidays of England and
 * Wales (Banking and Financial Dealings Act 1971). `us`: federal holidays (5 U.S.C. 6103). Days that a government
 * proclaims once are not in it: a deadline is then a day earlier than it might be, never later.
 */
export type HolidayCalendar = "de" | "gb" | "us";

const SATURDAY = 6;
const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;

/** Neither a Saturday, a Sunday nor a public holiday (Regulation 1182/71, Art. 2(2)). */
export function isWorkingDay(date: CalendarDate, calendar: HolidayCalendar): boolean {
  const day = weekday(date);
  return day !== SATURDAY && day !== SUNDAY && !isHoliday(date, calendar);
}

export function isHoliday(date: CalendarDate, calendar: HolidayCalendar): boolean {
  const { year } = partsOf(date);
  // New Year's Day of the next year may be observed on the last day of this one.
  return HOLIDAYS[calendar](year).includes(date) || HOLIDAYS[calendar](year + 1).includes(date);
}

export function workingDayFrom(date: CalendarDate, calendar: HolidayCalendar): CalendarDate {
  let day = date;
  while (!isWorkingDay(day, calendar)) day = addDays(day, 1);
  return day;
}

export function workingDayUntil(date: CalendarDate, calendar: HolidayCalendar): CalendarDate {
  let day = date;
  while (!isWorkingDay(day, calendar)) day = addDays(day, -1);
  return day;
}

/** The n-th working day after a date, which is itself not counted. */
export function addWorkingDays(date: CalendarDate, days: number, calendar: HolidayCalendar): CalendarDate {
  let day = date;
  for (let left = days; left > 0; left -= 1) day = workingDayFrom(addDays(day, 1), calendar);
  return day;
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8). */
export function easter(year: number): CalendarDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return dateOf(year, Math.floor(n / 31), (n % 31) + 1);
}

const HOLIDAYS: Readonly<Record<HolidayCalendar, (year: number) => readonly CalendarDate[]>> = {
  de: (year) => {
    const sunday = easter(year);
    return [
      dateOf(year, 1, 1),
      addDays(sunday, -2),
      addDays(sunday, 1),
      dateOf(year, 5, 1),
      addDays(sunday, 39),
      addDays(sunday, 50),
      dateOf(year, 10, 3),
      dateOf(year, 12, 25),
      dateOf(year, 12, 26),
    ];
  },
  gb: (year) => {
    const sunday = easter(year);
    return [
      weekdayFrom(dateOf(year, 1, 1)),
      addDays(sunday, -2),
      addDays(sunday, 1),
      nth(year, 5, MONDAY, 1),
      last(year, 5, MONDAY),
      last(year, 8, MONDAY),
      ...christmas(year),
    ];
  },
  us: (year) => [
    observed(dateOf(year, 1, 1)),
    nth(year, 1, MONDAY, 3),
    nth(year, 2, MONDAY, 3),
    last(year, 5, MONDAY),
    observed(dateOf(year, 6, 19)),
    observed(dateOf(year, 7, 4)),
    nth(year, 9, MONDAY, 1),
    nth(year, 10, MONDAY, 2),
    observed(dateOf(year, 11, 11)),
    nth(year, 11, THURSDAY, 4),
    observed(dateOf(year, 12, 25)),
  ],
};

/** On a Saturday the Friday before is kept, on a Sunday the Monday after (5 U.S.C. 6103(b); Executive Order 11582). */
function observed(date: CalendarDate): CalendarDate {
  const day = weekday(date);
  return addDays(date, day === SATURDAY ? -1 : day === SUNDAY ? 1 : 0);
}

/** A bank holiday on a weekend is kept on the next weekday. */
function weekdayFrom(date: CalendarDate): CalendarDate {
  const day = weekday(date);
  return addDays(date, day === SATURDAY ? 2 : day === SUNDAY ? 1 : 0);
}

/** Two days that must not fall on one substitute. */
function christmas(year: number): readonly CalendarDate[] {
  const first = dateOf(year, 12, 25);
  switch (weekday(first)) {
    case SATURDAY:
    case SUNDAY:
      return [dateOf(year, 12, 27), weekday(first) === SATURDAY ? dateOf(year, 12, 28) : dateOf(year, 12, 26)];
    case 5:
      return [first, dateOf(year, 12, 28)];
    default:
      return [first, dateOf(year, 12, 26)];
  }
}

function nth(year: number, month: number, day: number, n: number): CalendarDate {
  const first = dateOf(year, month, 1);
  return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (n - 1));
}

function last(year: number, month: number, day: number): CalendarDate {
  const end = addDays(month === 12 ? dateOf(year + 1, 1, 1) : dateOf(year, month + 1, 1), -1);
  return addDays(end, -((weekday(end) - day + 7) % 7));
}
