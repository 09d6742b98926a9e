import { describe, expect, it } from "vitest";
import type { CustomerId, OneTripCustomer } from "../../../protocol/ids.ts";
import type { Segment, Tier1Event } from "../../../protocol/rooms/telemetry.ts";
import { MAX_EVENTS, admitSegment } from "../admit.ts";
import { CART, EVENTS, SEGMENT, SESSION } from "./sample.ts";

const customer = "5f0c9a52-6d3e-4d53-8a57-52b7c6e1f0aa" as CustomerId;
const oneTrip = "9f86d081884c7d659a2feaa0c55ad015" as OneTripCustomer;

describe("what telemetry takes in", () => {
  it("is a segment with every kind of event, and one outside a session", () => {
    expect(admitSegment(SEGMENT)).toEqual({ ok: true, value: SEGMENT });
    const outside = { ...SEGMENT, session: null, key: `${CART}-4-17` };
    expect(admitSegment(outside)).toEqual({ ok: true, value: outside });
  });

  it.each<[string, object]>([
    ["a customer beside the session", { ...SEGMENT, customer }],
    ["a customer in place of the session", { ...SEGMENT, session: oneTrip }],
    ["a customer as key", { ...SEGMENT, key: customer }],
    ["a customer after the key", { ...SEGMENT, key: `${SESSION}-${oneTrip}` }],
    ["a customer in place of the store", { ...SEGMENT, store: `${customer}-longer` }],
    ["an email address as store", { ...SEGMENT, store: "jane@example.org" }],
    [
      "a customer in pieces after the key",
      { ...SEGMENT, key: `${SESSION}-${oneTrip.slice(0, 12)}-${oneTrip.slice(12, 24)}-${oneTrip.slice(24)}` },
    ],
    ["a third counter", { ...SEGMENT, key: `${SESSION}-1-2-3` }],
    ["a cart in place of the session's key", { ...SEGMENT, key: `${CART}-1` }],
    ["a path in the key", { ...SEGMENT, key: `${SESSION}/../x` }],
    ["no cart", { ...SEGMENT, cart: null }],
    ["no session field", { store: SEGMENT.store, cart: CART, key: CART, events: EVENTS }],
    ["no event", { ...SEGMENT, events: [] }],
    ["no list of events", { ...SEGMENT, events: EVENTS[0] }],
    [
      "more events than a segment holds",
      { ...SEGMENT, events: Array.from({ length: MAX_EVENTS + 1 }, () => EVENTS[0]) },
    ],
  ])("is not a segment with %s", (_, segment) => {
    expect(admitSegment(segment)).toEqual({ ok: false, reason: "invalid" });
  });

  it("is no event with a field too many, whatever its kind", () => {
    for (const event of EVENTS)
      expect(admitSegment(withEvent({ ...event, customer: oneTrip })), event.kind).toEqual({
        ok: false,
        reason: "invalid",
      });
  });

  it("is no event with a field missing, whatever its kind", () => {
    for (const event of EVENTS)
      for (const field of Object.keys(event)) {
        const rest = Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));
        expect(admitSegment(withEvent(rest)).ok, `${event.kind} without ${field}`).toBe(false);
      }
  });

  it("is no event with a card number in any field, whatever its kind", () => {
    // The last is a Diners Club number of the length of a GTIN-14, with another check digit than a GTIN's.
    for (const event of EVENTS)
      for (const field of Object.keys(event))
        for (const value of ["4242424242424242", 4242424242424242, "36227206271667", 36227206271667])
          expect(admitSegment(withEvent({ ...event, [field]: value })).ok, `${event.kind}.${field}`).toBe(false);
  });

  it("is no event with a customer's number in any field, whatever its kind", () => {
    for (const event of EVENTS)
      for (const field of Object.keys(event))
        for (const value of [customer, oneTrip, Number.parseInt(oneTrip, 16), { customer }, [oneTrip]])
          expect(admitSegment(withEvent({ ...event, [field]: value })).ok, `${event.kind}.${field}`).toBe(false);
  });

  it.each<[string, object]>([
    ["an unknown kind", { kind: "identified", at: 1 }],
    ["a kind that every object has", { kind: "constructor", at: 1 }],
    ["a code of 13 digits", { kind: "scan", at: 1, item: "4006381330060", quantity: 1 }],
    ["a card number", { kind: "scan", at: 1, item: "4111111111111111", quantity: 1 }],
    ["half a piece", { kind: "scan", at: 1, item: null, quantity: 0.5 }],
    ["a time before the epoch", { kind: "weight", at: -1, grams: 1 }],
    ["a time that is no number", { kind: "weight", at: "1", grams: 1 }],
    ["a time past every date", { kind: "weight", at: 1e16, grams: 1 }],
    ["another hold", { kind: "hold", at: 1, hold: "Jane" }],
    ["another currency", { kind: "checkout", at: 1, totalMinor: 1, currency: "XXX" }],
  ])("is no event with %s", (_, event) => {
    expect(admitSegment(withEvent(event))).toEqual({ ok: false, reason: "invalid" });
  });
});

describe("the type of a Tier-1 event", () => {
  it("has no place for a customer id", () => {
    // @ts-expect-error a customer id is no field of an event
    const beside: Tier1Event = { kind: "opened", at: 1, firmware: 1, customer };
    // @ts-expect-error a scanned item is digits, not a customer id
    const asItem: Tier1Event = { kind: "scan", at: 1, item: customer, quantity: 1 };
    // @ts-expect-error nor a one-trip number
    const asTrip: Tier1Event = { kind: "scan", at: 1, item: oneTrip, quantity: 1 };
    // @ts-expect-error a hold is one of three names
    const asHold: Tier1Event = { kind: "hold", at: 1, hold: customer };
    // @ts-expect-error numbers are numbers
    const asNumber: Tier1Event = { kind: "fault", at: 1, code: 1, detail: oneTrip };
    // @ts-expect-error an end is one of four names
    const asEnd: Tier1Event = { ...EVENTS[9], kind: "ended", how: customer };
    // @ts-expect-error a session is a session
    const asSession: Segment = { ...SEGMENT, session: oneTrip };
    // @ts-expect-error a customer is no part of a segment
    const ofSegment: Segment = { ...SEGMENT, customer };
    for (const event of [beside, asItem, asTrip, asHold, asNumber, asEnd])
      expect(admitSegment(withEvent(event)).ok).toBe(false);
    for (const segment of [asSession, ofSegment]) expect(admitSegment(segment).ok).toBe(false);
  });
});

function withEvent(event: object): object {
  return { ...SEGMENT, events: [event] };
}
