import type { PrivacyLaw } from "../rooms/privacy.ts";
import { addDays, addMonths, type CalendarDate, earlier } from "./date.ts";
import { addWorkingDays, type HolidayCalendar, workingDayFrom, workingDayUntil } from "./holidays.ts";

/** When a privacy request must be answered, in calendar days. */
export interface Deadlines {
  /** The last day on which an answer is in time. */
  readonly statutory: CalendarDate;
  /** What the platform aims at: a working day, never after the statutory end nor after the period itself. */
  readonly target: CalendarDate;
  /** The last day on which the period may still be extended, with notice to the person. */
  readonly extendUntil: CalendarDate;
  /** CCPA: receipt must be confirmed by then (Cal. Code Regs. tit. 11, 7021(a)); null elsewhere. */
  readonly confirmBy: CalendarDate | null;
}

/** Where a law's days are counted: whose midnight, whose holidays. */
export const LAW_CALENDARS: Readonly<
  Record<PrivacyLaw, { readonly timeZone: string; readonly holidays: HolidayCalendar }>
> = {
  gdpr: { timeZone: "Europe/Berlin", holidays: "de" },
  "uk-gdpr": { timeZone: "Europe/London", holidays: "gb" },
  ccpa: { timeZone: "America/Los_Angeles", holidays: "us" },
};

/** The platform's own promise: not even a month of 31 days is used up. */
const PROMISED_DAYS = 30;
const CCPA_DAYS = 45;
const CCPA_CONFIRM_DAYS = 10;

/**
 * GDPR and UK GDPR, Art. 12(3): one month, and two more when extended; here never more than 30 days, unless extended. A
 * period that would end on a Saturday, Sunday or public holiday ends with the next working day (Regulation (EEC,
 * Euratom) No 1182/71, Art. 3(4)). CCPA: 45 calendar days, and 45 more (Cal. Code Regs. tit. 11, 7021(b)), which no
 * weekend prolongs.
 * @param receivedOn the day of receipt, in the law's own time zone; it is not counted (Regulation 1182/71, Art. 3(1))
 */
export function deadlinesOf(law: PrivacyLaw, receivedOn: CalendarDate, extended: boolean): Deadlines {
  const { holidays } = LAW_CALENDARS[law];
  if (law === "ccpa") {
    const end = addDays(receivedOn, extended ? 2 * CCPA_DAYS : CCPA_DAYS);
    return {
      statutory: end,
      target: workingDayUntil(end, holidays),
      extendUntil: addDays(receivedOn, CCPA_DAYS),
      confirmBy: addWorkingDays(receivedOn, CCPA_CONFIRM_DAYS, holidays),
    };
  }
  const first = earlier(addDays(receivedOn, PROMISED_DAYS), addMonths(receivedOn, 1));
  const end = extended ? addMonths(receivedOn, 3) : first;
  return {
    statutory: workingDayFrom(end, holidays),
    target: workingDayUntil(end, holidays),
    // Art. 12(3): within one month of receipt; the earlier of the two is always inside it.
    extendUntil: first,
    confirmBy: null,
  };
}
