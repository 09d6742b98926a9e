import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { CartEvent } from "../../protocol/cart/messages.ts";
import type { PricedItem, StoreFacts } from "../../protocol/rooms/stores.ts";
import { EMPTY_BASKET, applyEvent, type Basket } from "./basket.ts";
import type { PricedEvent, Row } from "./events.ts";
import { placeOf } from "./sequence.ts";
import { fold, replay, type Trip } from "./trip.ts";

const FACTS: StoreFacts = {
  store: "eu-test" as StoreId,
  name: "Test",
  currency: "EUR",
  taxIncluded: true,
  timeZone: "Europe/Berlin",
  weightToleranceGrams: 50,
  terminals: ["T1"],
};
const OPENED: Row = {
  seq: 0,
  step: 0,
  boot: 1,
  at: 0,
  frame: new Uint8Array([1]),
  answer: null,
  event: {
    type: "opened",
    session: crypto.randomUUID() as SessionId,
    cart: "00".repeat(16) as CartSerial,
    store: FACTS.store,
    facts: FACTS,
    firmware: "1.0.0",
  },
};

const item = (n: number): PricedItem => ({
  item: `${n}`.padStart(14, "0"),
  name: `Item ${n}`,
  unitMinor: n * 7 + 1,
  measure: "each",
  grams: null,
  lineMinor: n * 7 + 1,
  taxClass: "food",
  netGrams: n % 3 === 0 ? null : n * 10,
  minimumAge: n % 5 === 0 ? 18 : 0,
  origin: "master",
});

const ascending = (a: number, b: number) => a - b;

const scan = fc
  .record({ n: fc.nat(9), quantity: fc.integer({ min: 1, max: 5 }) })
  .map(({ n, quantity }): PricedEvent => {
    const event: Extract<CartEvent, { kind: "scan" }> = { kind: "scan", code: `${n}`, quantity, at: null, grams: null };
    return { event, price: n === 9 ? { ok: false, reason: "unknown_item" } : { ok: true, value: item(n) } };
  });
const removal = fc
  .record({ line: fc.nat(12), quantity: fc.option(fc.integer({ min: 1, max: 5 })) })
  .map(({ line, quantity }): PricedEvent => ({ event: { kind: "remove", line, quantity, at: null } }));
const weight = fc.nat(5000).map((grams): PricedEvent => ({ event: { kind: "weight", grams, at: null } }));
const cartEvent = fc.oneof({ weight: 5, arbitrary: scan }, { weight: 2, arbitrary: removal }, weight);
const frames = fc.array(fc.array(cartEvent, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });

const rowsOf = (bodies: readonly (readonly PricedEvent[])[]): Row[] => [
  OPENED,
  ...bodies.map((events, i): Row => ({
    seq: i + 1,
    step: 0,
    boot: 1,
    at: i + 1,
    frame: new Uint8Array([i]),
    answer: null,
    event: { type: "events", events },
  })),
];

/** A session's mind without its disk: takes frames in the order of arrival, as the object does. */
function arrive(rows: readonly Row[]): Trip {
  let trip: Trip = fold(null, OPENED);
  const waiting = new Map<number, Row>();
  for (const row of rows) {
    const place = placeOf(row.seq, trip.nextSeq, new Set(waiting.keys()), true);
    if (place === "ahead") waiting.set(row.seq, row);
    if (place !== "next") continue;
    trip = fold(trip, row);
    for (let next = waiting.get(trip.nextSeq); next !== undefined; next = waiting.get(trip.nextSeq)) {
      waiting.delete(next.seq);
      trip = fold(trip, next);
    }
  }
  return trip;
}

const shape = (trip: Trip | null) =>
  trip && { basket: { ...trip.basket, lines: [...trip.basket.lines] }, nextSeq: trip.nextSeq, state: trip.state };

describe("a session's state", () => {
  test("is what replaying its rows gives, however the frames arrived", () => {
    fc.assert(
      fc.property(frames, fc.infiniteStream(fc.nat(1_000_000)), (bodies, luck) => {
        const rows = rowsOf(bodies);
        const random = () => luck.next().value as number;
        // Duplicated and shuffled; every frame arrives at least once.
        const delivered = [...rows.slice(1), ...rows.slice(1).filter(() => random() % 2 === 0)]
          .map((row) => ({ row, key: random() }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ row }) => row);
        expect(shape(arrive(delivered))).toEqual(shape(replay(rows)));
      }),
      { numRuns: 300 },
    );
  });

  test("does not go beyond a gap", () => {
    fc.assert(
      fc.property(frames, fc.nat(), (bodies, at) => {
        const rows = rowsOf(bodies);
        const missing = 1 + (at % bodies.length);
        expect(replay(rows.filter((row) => row.seq !== missing))?.nextSeq).toBe(missing);
      }),
    );
  });
});

describe("a basket", () => {
  const total = (basket: Basket) => [...basket.lines.values()].reduce((sum, line) => sum + line.totalMinor, 0);

  test("has the sum of its lines as its total, and each line its price times its quantity", () => {
    fc.assert(
      fc.property(fc.array(cartEvent, { maxLength: 60 }), (events) => {
        let basket = EMPTY_BASKET;
        for (const event of events) {
          basket = applyEvent(basket, event, 50);
          expect(basket.totalMinor).toBe(total(basket));
          for (const line of basket.lines.values())
            expect(line.totalMinor).toBe((line.item?.lineMinor ?? 0) * line.quantity);
        }
      }),
    );
  });

  test("has a hold for every unknown line and one age check while a restricted item is in it", () => {
    fc.assert(
      fc.property(fc.array(cartEvent, { maxLength: 40 }), (events) => {
        const basket = events.reduce((before, event) => applyEvent(before, event, 50), EMPTY_BASKET);
        const lines = [...basket.lines.values()];
        const of = (kind: string) => basket.holds.filter((hold) => hold.kind === kind);
        expect(
          of("unknown item")
            .map((hold) => hold.line ?? 0)
            .sort(ascending),
        ).toEqual(
          lines
            .filter((line) => line.item === null)
            .map((line) => line.line)
            .sort(ascending),
        );
        expect(of("age check")).toHaveLength(lines.some((line) => (line.item?.minimumAge ?? 0) > 0) ? 1 : 0);
        expect(new Set(basket.holds.map((hold) => hold.id)).size).toBe(basket.holds.length);
      }),
    );
  });
});
