import type { Basket, Product } from "./baskets.ts";
import { expectedTotal } from "./expected.ts";
import { around, switchOn, type Place } from "./party.ts";
import { shop, type Identify, type Surroundings, type TripResult } from "./shopper.ts";

/** What a run of trips came to; the last line of `npm run trip -- --json`. */
export interface TripReport {
  trips: number;
  paid: number;
  scans: number;
  acknowledged: number;
  lost: number;
  refused: number;
  total_minor: number;
  currency: string;
  bytes_up: number;
  bytes_down: number;
  requests: number;
  seconds: number;
}

/** A cart that makes one trip after another, and what it has cost. */
export interface Lane {
  shop(basket: Basket, surroundings: Surroundings): Promise<TripResult>;
  traffic(): { readonly requests: number; readonly bytesUp: number; readonly bytesDown: number };
  end(): Promise<void>;
}

export interface RunOptions {
  readonly place: Place;
  readonly baskets: readonly Basket[];
  readonly catalogue: ReadonlyMap<string, Product>;
  readonly country: string;
  readonly identify: Identify;
  readonly concurrency: number;
  /** Makes the cart with this index; the simulated one unless told. */
  readonly lane?: (index: number) => Promise<Lane>;
  readonly onTrip?: (result: TripResult) => void;
  readonly onProblem?: (problem: string) => void;
  readonly say?: (line: string) => void;
}

/** Shops every basket, `concurrency` carts at a time, each cart one trip after another. */
export async function runTrips(options: RunOptions): Promise<TripReport> {
  const { place, baskets } = options;
  const lanes = Math.min(options.concurrency, place.store.carts.length, baskets.length);
  const report: TripReport = {
    trips: 0,
    paid: 0,
    scans: 0,
    acknowledged: 0,
    lost: 0,
    refused: 0,
    total_minor: 0,
    currency: "",
    bytes_up: 0,
    bytes_down: 0,
    requests: 0,
    seconds: 0,
  };
  const begin = performance.now();
  let next = 0;
  const makeLane = options.lane ?? ((index: number) => simulatedLane(options, index));
  const carts = await Promise.all(Array.from({ length: lanes }, (_, index) => makeLane(index)));
  await Promise.all(
    carts.map(async (cart, index) => {
      const surroundings = {
        ...(await around(place, index, options.identify === "app")),
        ...(options.say === undefined ? {} : { say: options.say }),
      };
      for (let turn = next++; turn < baskets.length; turn = next++) {
        const basket = baskets[turn] ?? [];
        report.trips += 1;
        try {
          add(report, await cart.shop(basket, surroundings), basket, options);
        } catch (error) {
          report.scans += basket.length;
          options.onProblem?.(`trip ${turn + 1}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }),
  );
  for (const cart of carts) {
    addTraffic(report, cart);
    await cart.end();
  }
  report.seconds = Math.round((performance.now() - begin) / 10) / 100;
  return report;
}

function add(report: TripReport, result: TripResult, basket: Basket, options: RunOptions): void {
  const expected = expectedTotal(basket, options.catalogue, options.country);
  if (result.paid && result.totalMinor !== expected)
    options.onProblem?.(
      `trip ${result.session}: paid ${result.totalMinor}, the catalogue and the POS's tax say ${expected}`,
    );
  report.paid += result.paid ? 1 : 0;
  report.scans += result.scans;
  report.acknowledged += result.acknowledged;
  report.lost += result.lost;
  report.refused += result.refused;
  report.total_minor += result.totalMinor;
  report.currency = result.currency;
  options.onTrip?.(result);
}

function addTraffic(report: TripReport, cart: Lane): void {
  const { requests, bytesUp, bytesDown } = cart.traffic();
  report.bytes_up += bytesUp;
  report.bytes_down += bytesDown;
  report.requests += requests;
}

async function simulatedLane({ place, identify }: RunOptions, index: number): Promise<Lane> {
  const cart = await switchOn(place, index);
  return {
    shop: (basket, surroundings) => shop(cart, basket, identify, surroundings),
    traffic: () => cart.traffic,
    end: () => Promise.resolve(),
  };
}
