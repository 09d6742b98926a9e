/** The messages of `protocol/cart.cddl` as types. The integer keys exist in `codec.ts` alone. */
import type { CartSerial, HandoffId, OneTripCustomer, ReceiptReference, SessionId, StoreId } from "../ids.ts";
import type { Currency, Money } from "../money/money.ts";
import type { CartCode } from "./codes.ts";

export interface Envelope<B> {
  /** Null on the wire is 16 zero bytes: no session is open. */
  readonly session: SessionId | null;
  readonly boot: number;
  readonly seq: number;
  /** The cart's clock, ms since the epoch; advisory. */
  readonly time: number;
  readonly body: B;
}

/** Debug state, RFC 9711 4.2.9: 0 enabled, 1 disabled, 2 since boot, 3 permanently, 4 fully and permanently. */
export type DebugState = 0 | 1 | 2 | 3 | 4;

export interface EatClaims {
  readonly nonce: Uint8Array;
  readonly serial: CartSerial;
  readonly debug: DebugState;
  readonly boot: number;
  readonly version: string;
  /** SHA-256 of the running image, 32 bytes. */
  readonly digest: Uint8Array;
  readonly securityCounter: number;
  readonly reader: string;
}

export type CartEvent =
  | {
      readonly kind: "scan";
      readonly code: string;
      readonly quantity: number;
      readonly at: number | null;
      readonly grams: number | null;
    }
  | { readonly kind: "remove"; readonly line: number; readonly quantity: number | null; readonly at: number | null }
  | { readonly kind: "weight"; readonly grams: number; readonly at: number | null }
  | { readonly kind: "health"; readonly batteryPercent: number; readonly rssiDbm: number; readonly at: number | null }
  | { readonly kind: "fault"; readonly code: number; readonly detail: number; readonly at: number | null };

export interface HelloRequest {
  readonly kid: Uint8Array;
}
export interface HelloAnswer {
  readonly nonce: Uint8Array;
  readonly time: number;
  readonly store: StoreId | null;
}

export interface AttestationBody {
  readonly eat: EatClaims;
  readonly beacon: Uint8Array;
}
export interface AttestationAnswer {
  readonly statement: Uint8Array;
  readonly cellKey: Uint8Array;
  readonly nonce: Uint8Array;
}
export interface BeaconStatement {
  readonly store: StoreId;
  readonly nonce: Uint8Array;
}
export interface StoreAttestationClaims {
  readonly serial: CartSerial;
  readonly store: StoreId;
  readonly nonce: Uint8Array;
  readonly notBefore: number;
  readonly expires: number;
}
export interface CellKeyClaims {
  readonly cell: "us" | "eu";
  readonly publicKey: Uint8Array;
  readonly notBefore: number;
  readonly expires: number;
}

export interface OpenBody {
  readonly eat: EatClaims;
}
export interface Settings {
  readonly currency: Currency;
  readonly exponent: number;
  readonly storeName: string;
  readonly idleSeconds: number;
  readonly weightToleranceGrams: number;
  readonly taxIncluded: boolean;
}
export interface OpenAnswer {
  readonly session: SessionId;
  readonly leaseSeconds: number;
  readonly settings: Settings;
  readonly nonce: Uint8Array;
  readonly time: number;
}

export interface EventsBody {
  readonly events: readonly CartEvent[];
}
export type HoldKind = "age check" | "weight" | "unknown item";
export interface BasketLine {
  readonly line: number;
  readonly name: string;
  readonly unitMinor: number;
  readonly quantity: number;
  readonly totalMinor: number;
  readonly grams: number | null;
}
export interface Hold {
  readonly id: number;
  readonly kind: HoldKind;
  readonly line: number | null;
}
export interface EventsAnswer {
  readonly seq: number;
  readonly lines: readonly BasketLine[];
  readonly totalMinor: number;
  readonly holds: readonly Hold[];
}

export type IdentityBody =
  | { readonly kind: "unlink" }
  | { readonly kind: "loyalty"; readonly value: string }
  | { readonly kind: "card"; readonly value: string }
  | { readonly kind: "pairing"; readonly value: string };
export type IdentityAnswer =
  | { readonly status: "not_linked" }
  | { readonly status: "linked"; readonly customer: OneTripCustomer; readonly nickname: string | null }
  | { readonly status: "pending"; readonly confirmation: string };

export interface CheckoutBody {
  readonly lastSeq: number;
  readonly terminal: string;
}
export interface CheckoutAnswer {
  readonly handoff: HandoffId;
  readonly amount: Money;
  readonly expires: number;
  readonly basketDigest: Uint8Array;
}

export interface PaymentBody {
  readonly handoff: HandoffId;
  readonly reference: string;
  readonly basketDigest: Uint8Array;
}
export type PaymentOutcome = "approved" | "declined" | "pending" | "unknown";
export interface PaymentAnswerMessage {
  readonly outcome: PaymentOutcome;
  readonly receipt: ReceiptReference | null;
}

export interface CloseBody {
  readonly lastSeq: number;
}
export interface CloseAnswer {
  readonly nonce: Uint8Array;
}

export interface TelemetryBody {
  readonly events: readonly Extract<CartEvent, { kind: "health" | "fault" }>[];
}
export interface TelemetryAnswer {
  readonly seq: number;
}
export interface FirmwareBody {
  readonly eat: EatClaims;
}

export interface ErrorAnswer {
  readonly code: CartCode;
  readonly expected: number | null;
}

/** Each signed request by its route; `{id}` stands for the session's UUID. */
export interface CartBodies {
  readonly attestation: AttestationBody;
  readonly open: OpenBody;
  readonly events: EventsBody;
  readonly identity: IdentityBody;
  readonly checkout: CheckoutBody;
  readonly payment: PaymentBody;
  readonly close: CloseBody;
  readonly telemetry: TelemetryBody;
  readonly firmware: FirmwareBody;
}
export type CartMessage = keyof CartBodies;

export interface CartAnswers {
  readonly hello: HelloAnswer;
  readonly attestation: AttestationAnswer;
  readonly open: OpenAnswer;
  readonly events: EventsAnswer;
  readonly identity: IdentityAnswer;
  readonly checkout: CheckoutAnswer;
  readonly payment: PaymentAnswerMessage;
  readonly close: CloseAnswer;
  readonly telemetry: TelemetryAnswer;
  readonly error: ErrorAnswer;
}
export type CartAnswer = keyof CartAnswers;
