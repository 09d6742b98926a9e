import type { CartSerial, SessionId, StoreId } from "../../../protocol/ids.ts";
import type { Segment, Tier1Event } from "../../../protocol/rooms/telemetry.ts";

export const STORE = "eu-demo" as StoreId;
export const CART = "000102030405060708090a0b0c0d0e0f" as CartSerial;
export const SESSION = "0d3b0f7e-8d1c-4a52-9f5e-0a1b2c3d4e5f" as SessionId;
/** 2026-11-21 23:59:00 UTC. */
export const LATE = Date.UTC(2026, 10, 21, 23, 59);

const MINUTE = 60_000;

/** One event of each kind, over midnight: the trip is opened and scanned on the 21st and ends on the 22nd. */
export const EVENTS: readonly Tier1Event[] = [
  { kind: "opened", at: LATE, firmware: 1_004_012 },
  { kind: "scan", at: LATE, item: "04006381330060", quantity: 3 },
  { kind: "scan", at: LATE + 1, item: null, quantity: 1 },
  { kind: "hold", at: LATE + 1, hold: "unknown item" },
  { kind: "weight", at: LATE + 2, grams: 812 },
  { kind: "remove", at: LATE + MINUTE, item: null, quantity: 1 },
  { kind: "health", at: LATE + MINUTE, batteryPercent: 71, rssiDbm: -97 },
  { kind: "fault", at: LATE + MINUTE, code: 7, detail: 4_294_967_295 },
  { kind: "checkout", at: LATE + 2 * MINUTE, totalMinor: 1249, currency: "EUR" },
  {
    kind: "ended",
    at: LATE + 3 * MINUTE,
    how: "closed",
    totalMinor: 1249,
    currency: "EUR",
    lines: 1,
    rowsWritten: 30,
    rowsRead: 90,
  },
];

export const SEGMENT: Segment = { store: STORE, cart: CART, session: SESSION, key: SESSION, events: EVENTS };
