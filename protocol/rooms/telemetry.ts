import type { CartSerial, SessionId, StoreId } from "../ids.ts";
import type { Currency } from "../money/money.ts";
import type { Result } from "../result.ts";

/**
 * Tier 1: what happened to a cart, never to whom. Every field is a number, a closed name or a
 * catalogue key, so no customer id has a place to be in.
 */
export type Tier1Event =
  | { readonly kind: "opened"; readonly at: number; readonly firmware: number }
  | { readonly kind: "scan"; readonly at: number; readonly item: Gtin14 | null; readonly quantity: number }
  | { readonly kind: "remove"; readonly at: number; readonly item: Gtin14 | null; readonly quantity: number }
  | { readonly kind: "weight"; readonly at: number; readonly grams: number }
  | { readonly kind: "health"; readonly at: number; readonly batteryPercent: number; readonly rssiDbm: number }
  | { readonly kind: "fault"; readonly at: number; readonly code: number; readonly detail: number }
  | { readonly kind: "hold"; readonly at: number; readonly hold: "age check" | "weight" | "unknown item" }
  | { readonly kind: "checkout"; readonly at: number; readonly totalMinor: number; readonly currency: Currency }
  | {
      readonly kind: "ended";
      readonly at: number;
      readonly how: "closed" | "abandoned" | "walked_out" | "voided";
      readonly totalMinor: number;
      readonly currency: Currency;
      readonly lines: number;
      readonly rowsWritten: number;
      readonly rowsRead: number;
    };

/** 14 digits, as a number would lose the zeros; the type keeps free text out. */
export type Gtin14 = `${number}`;

export interface Segment {
  readonly store: StoreId;
  readonly cart: CartSerial;
  /** Null for events outside a session. */
  readonly session: SessionId | null;
  /** Idempotency key of the delivery: a segment delivered twice counts once. */
  readonly key: string;
  readonly events: readonly Tier1Event[];
}

export interface TelemetryForSessions {
  deliver(segment: Segment): Promise<Result<undefined, "invalid" | "unavailable">>;
}

export interface DailyRollup {
  readonly store: StoreId;
  readonly day: string;
  readonly trips: number;
  readonly scans: number;
  readonly removals: number;
  readonly holds: number;
  readonly faults: number;
  readonly abandoned: number;
  readonly walkedOut: number;
  readonly revenueMinor: number;
  readonly currency: Currency;
}

export interface TelemetryForOps {
  daily(store: StoreId, day: string): Promise<Result<DailyRollup | null, "unavailable">>;
}
