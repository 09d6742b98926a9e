import type { CartAnswers, CartBodies, CartMessage, EatClaims } from "../../protocol/cart/messages.ts";
import type { CartAnswer, StoreAttestationClaims } from "../../protocol/cart/messages.ts";
import type {
  CartSerial,
  HandoffId,
  OneTripCustomer,
  ReceiptReference,
  SessionId,
  StoreId,
} from "../../protocol/ids.ts";

/** Bytes counting up from `first`, so that a slip by one shows. */
export const counting = (length: number, first: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

export const SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId;
export const HANDOFF = "0193456b-ffff-7000-8000-00000000000a" as HandoffId;
export const SERIAL = "00112233445566778899aabbccddeeff" as CartSerial;
export const STORE = "us-demo" as StoreId;
/** 2026-11-21T12:00:00Z. */
export const NOW = 1_795_262_400_000;
export const HOUR = 3_600_000;
export const NONCE = counting(16, 0x10);
const NEXT_NONCE = counting(16, 0x80);

export const EAT: EatClaims = {
  nonce: NONCE,
  serial: SERIAL,
  debug: 4,
  boot: 7,
  version: "1.4.2",
  digest: counting(32, 0x20),
  securityCounter: 3,
  reader: "RDR-0042",
};

type Named<T> = readonly (readonly [name: string, value: T])[];

/** One sample of each form that a body has. The attestation's beacon statement is signed by the generator. */
export const bodies = (beacon: Uint8Array): { readonly [M in CartMessage]: Named<CartBodies[M]> } => ({
  attestation: [["attestation", { eat: EAT, beacon }]],
  open: [
    ["open", { eat: EAT }],
    ["open with the longest texts and greatest numbers", { eat: GREATEST }],
  ],
  events: [
    [
      "one scan, the least that it can be",
      { events: [{ kind: "scan", code: "4006381333931", quantity: 1, at: null, grams: null }] },
    ],
    [
      "one event of each kind",
      {
        events: [
          { kind: "scan", code: "0614141073467", quantity: 12, at: NOW, grams: 500 },
          { kind: "remove", line: 1, quantity: 2, at: NOW + 1 },
          { kind: "remove", line: 65_535, quantity: null, at: null },
          { kind: "weight", grams: 4_294_967_295, at: null },
          { kind: "health", batteryPercent: 100, rssiDbm: -97, at: null },
          { kind: "fault", code: 513, detail: 4_294_967_295, at: NOW + 2 },
        ],
      },
    ],
    ["text beyond ASCII", { events: [{ kind: "scan", code: "é€😀", quantity: 99, at: 0, grams: 0 }] }],
    [
      "200 events",
      { events: Array.from({ length: 200 }, (_, index) => ({ kind: "weight", grams: index * 20, at: null })) },
    ],
  ],
  identity: [
    ["unlink", { kind: "unlink" }],
    ["loyalty number", { kind: "loyalty", value: "LOY-0042-1234" }],
    ["card token", { kind: "card", value: "AbCdEfGhIjKlMnOpQrStUv01" }],
    ["pairing code", { kind: "pairing", value: "7QF4-9K2M-TT3X" }],
  ],
  checkout: [["checkout", { lastSeq: 24, terminal: "T-07" }]],
  payment: [["payment", { handoff: HANDOFF, reference: "AUTH-000123", basketDigest: counting(32, 0x40) }]],
  close: [["close", { lastSeq: 26 }]],
  telemetry: [
    [
      "telemetry",
      {
        events: [
          { kind: "health", batteryPercent: 0, rssiDbm: -200, at: null },
          { kind: "fault", code: 0, detail: 0, at: NOW },
        ],
      },
    ],
  ],
  firmware: [["firmware", { eat: { ...EAT, debug: 0 } }]],
});

const GREATEST: EatClaims = {
  ...EAT,
  debug: 0,
  boot: 4_294_967_295,
  version: "v".repeat(32),
  securityCounter: 4_294_967_295,
  reader: "r".repeat(32),
};

/** @param frames the store attestation and the cell key, signed by the generator. */
export const answers = (
  statement: Uint8Array,
  cellKey: Uint8Array,
): { readonly [A in CartAnswer]: Named<CartAnswers[A]> } => ({
  hello: [
    ["hello", { nonce: NONCE, time: NOW, store: STORE }],
    ["hello of a cart without a store", { nonce: NONCE, time: NOW, store: null }],
  ],
  attestation: [["attestation", { statement, cellKey, nonce: NEXT_NONCE }]],
  open: [
    [
      "open",
      {
        session: SESSION,
        leaseSeconds: 14_400,
        settings: {
          currency: "USD",
          exponent: 2,
          storeName: "Demo Market",
          idleSeconds: 900,
          weightToleranceGrams: 15,
          taxIncluded: false,
        },
        nonce: NEXT_NONCE,
        time: NOW,
      },
    ],
  ],
  events: [
    [
      "one line",
      {
        seq: 1,
        lines: [{ line: 1, name: "Milk 1 l", unitMinor: 129, quantity: 1, totalMinor: 129, grams: null }],
        totalMinor: 129,
        holds: [],
      },
    ],
    [
      "a line gone, a weighed line, a rebate and holds of each kind",
      {
        seq: 4_294_967_295,
        lines: [
          { line: 1, name: "Milk 1 l", unitMinor: 129, quantity: 0, totalMinor: 0, grams: null },
          { line: 2, name: "Äpfel", unitMinor: 299, quantity: 1, totalMinor: 164, grams: 548 },
          { line: 3, name: "Pfand", unitMinor: 25, quantity: 1, totalMinor: -25, grams: null },
        ],
        totalMinor: -1,
        holds: [
          { id: 1, kind: "age check", line: 2 },
          { id: 2, kind: "weight", line: null },
          { id: 3, kind: "unknown item", line: 3 },
        ],
      },
    ],
  ],
  identity: [
    ["not linked", { status: "not_linked" }],
    ["linked", { status: "linked", customer: CUSTOMER, nickname: null }],
    ["linked, with a nickname of 12 characters", { status: "linked", customer: CUSTOMER, nickname: "Zoë 😀 123456" }],
    ["to be confirmed in the app", { status: "pending", confirmation: "07" }],
  ],
  checkout: [
    [
      "checkout",
      {
        handoff: HANDOFF,
        amount: { minor: 1_999, currency: "EUR" },
        expires: NOW + HOUR,
        basketDigest: counting(32, 0x40),
      },
    ],
  ],
  payment: [
    ["approved", { outcome: "approved", receipt: "AAECAwQFBgcICQoLDA0ODw" as ReceiptReference }],
    ["declined", { outcome: "declined", receipt: null }],
    ["pending", { outcome: "pending", receipt: null }],
    ["unknown", { outcome: "unknown", receipt: null }],
  ],
  close: [["close", { nonce: NEXT_NONCE }]],
  telemetry: [["telemetry", { seq: 2 }]],
  error: [
    ["refused", { code: "no_session", expected: null }],
    ["out of sequence", { code: "seq", expected: 17 }],
  ],
});

const CUSTOMER = "f0e1d2c3b4a5968778695a4b3c2d1e0f" as OneTripCustomer;

export const STORE_ATTESTATION_CLAIMS: StoreAttestationClaims = {
  serial: SERIAL,
  store: STORE,
  nonce: NONCE,
  notBefore: NOW,
  expires: NOW + 12 * HOUR,
};
