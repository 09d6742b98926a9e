import { unreachable } from "../../protocol/result.ts";
import type { Currency } from "../../protocol/money/money.ts";
import type { DailyRollup, Segment, Tier1Event } from "../../protocol/rooms/telemetry.ts";

export type Counts = {
  -readonly [F in Exclude<keyof DailyRollup, "store" | "day" | "revenueMinor" | "currency">]: number;
};

/** What one segment adds to one UTC day of its store. */
export interface DayShare {
  readonly counts: Counts;
  readonly takings: Map<Currency, Takings>;
}

/** What closed trips took in one currency. */
export interface Takings {
  /** In the currency's smallest unit. */
  readonly minor: number;
  readonly trips: number;
}

/**
 * A segment's events, counted by UTC day (`yyyy-mm-dd`) of each event.
 * `trips` are sessions that ended, in whatever way; `abandoned` and `walkedOut` are among them; revenue is of those
 * that were paid and closed. `scans` and `removals` are acts, not pieces.
 */
export function rollUp(events: readonly Tier1Event[]): Map<string, DayShare> {
  const days = new Map<string, DayShare>();
  for (const event of events) {
    const day = dayOf(event.at);
    const share = days.get(day) ?? { counts: { ...NOTHING }, takings: new Map<Currency, Takings>() };
    days.set(day, share);
    count(share, event);
  }
  return days;
}

/** UTC day of a time in milliseconds since the epoch. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** R2 key: store, UTC day and hour of the first event, so that a redelivery has the same one. */
export function objectKey(segment: Segment): string {
  const hour = new Date(firstOf(segment)).toISOString().slice(11, 13);
  return `v1/${segment.store}/${firstDay(segment)}/${hour}/${segment.key}.ndjson`;
}

/** UTC day of the earliest event. */
export function firstDay(segment: Segment): string {
  return dayOf(firstOf(segment));
}

function firstOf({ events }: Segment): number {
  return events.reduce((least, event) => Math.min(least, event.at), Number.POSITIVE_INFINITY);
}

/** One line an event, each with its cart and session. */
export function toNdjson({ cart, session, events }: Segment): string {
  return events.map((event) => `${JSON.stringify({ cart, session, ...event })}\n`).join("");
}

const NOTHING: Readonly<Counts> = {
  trips: 0,
  scans: 0,
  removals: 0,
  holds: 0,
  faults: 0,
  abandoned: 0,
  walkedOut: 0,
};

function count({ counts, takings }: DayShare, event: Tier1Event): void {
  switch (event.kind) {
    case "scan":
      counts.scans += 1;
      return;
    case "remove":
      counts.removals += 1;
      return;
    case "hold":
      counts.holds += 1;
      return;
    case "fault":
      counts.faults += 1;
      return;
    case "ended":
      counts.trips += 1;
      if (event.how === "abandoned") counts.abandoned += 1;
      if (event.how === "walked_out") counts.walkedOut += 1;
      if (event.how === "closed") {
        const { minor, trips } = takings.get(event.currency) ?? { minor: 0, trips: 0 };
        takings.set(event.currency, { minor: minor + event.totalMinor, trips: trips + 1 });
      }
      return;
    case "opened":
    case "weight":
    case "health":
    case "checkout":
      return;
    default:
      unreachable(event);
  }
}
