import type { Gtin14, Tier1Event } from "../../protocol/rooms/telemetry.ts";
import type { PricedEvent, Row } from "./events.ts";
import { fold, isOver, type Trip } from "./trip.ts";

/** What leaves the object at its end: the trip as Tier-1 events. The types leave no place for a person. */
export function tier1Events(
  rows: readonly Row[],
  meter: { readonly written: number; readonly read: number },
): Tier1Event[] {
  const events: Tier1Event[] = [];
  const held = new Set<number>();
  let trip: Trip | null = null;
  for (const row of rows) {
    trip = fold(trip, row);
    events.push(...fromRow(row));
    for (const hold of trip.basket.holds) {
      if (held.has(hold.id)) continue;
      held.add(hold.id);
      events.push({ kind: "hold", at: row.at, hold: hold.kind });
    }
  }
  if (trip !== null && isOver(trip)) events.push(ended(trip, meter));
  return events;
}

function fromRow(row: Row): Tier1Event[] {
  const { event, at } = row;
  switch (event.type) {
    case "opened":
      return [{ kind: "opened", at, firmware: versionNumber(event.firmware) }];
    case "events":
      return event.events.flatMap((priced) => fromCart(priced, at));
    case "quoted":
      return [{ kind: "checkout", at, totalMinor: event.quote.total.minor, currency: event.quote.total.currency }];
    case "identity":
    case "identified":
    case "checkout":
    case "payment":
    case "answered":
    case "captured":
    case "sold":
    case "handoff_dropped":
    case "handoff_settled":
    case "hold_cleared":
    case "equivocated":
    case "released":
    case "ended":
      return [];
  }
}

function ended(trip: Trip, meter: { readonly written: number; readonly read: number }): Tier1Event {
  return {
    kind: "ended",
    at: trip.endedAt ?? trip.lastAt,
    how: endOf(trip),
    totalMinor:
      trip.receipt === null ? trip.basket.totalMinor : (trip.handoff?.quote?.total.minor ?? trip.basket.totalMinor),
    currency: trip.facts.currency,
    lines: trip.basket.lines.size,
    rowsWritten: meter.written,
    rowsRead: meter.read,
  };
}

/** `1.4.12` as 1004012: a number, as no free text leaves with Tier 1. */
function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = (version.match(/\d{1,3}/g) ?? []).map(Number);
  return major * 1_000_000 + minor * 1_000 + patch;
}

function endOf(trip: Trip): "closed" | "abandoned" | "walked_out" | "voided" {
  const { state } = trip;
  return state === "closed" || state === "walked_out" || state === "voided" ? state : "abandoned";
}

function fromCart(priced: PricedEvent, at: number): Tier1Event[] {
  if ("price" in priced)
    return [
      {
        kind: "scan",
        at,
        item: priced.price.ok ? gtin(priced.price.value.item) : null,
        quantity: priced.event.quantity,
      },
    ];
  const { event } = priced;
  switch (event.kind) {
    case "remove":
      return [{ kind: "remove", at, item: null, quantity: event.quantity ?? 1 }];
    case "weight":
      return [{ kind: "weight", at, grams: event.grams }];
    case "health":
      return [{ kind: "health", at, batteryPercent: event.batteryPercent, rssiDbm: event.rssiDbm }];
    case "fault":
      return [{ kind: "fault", at, code: event.code, detail: event.detail }];
  }
}

function gtin(item: string): Gtin14 | null {
  return /^\d{14}$/.test(item) ? (item as Gtin14) : null;
}
