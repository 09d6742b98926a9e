import type { CartSerial, HandoffId, SessionId, StoreId } from "../../../protocol/ids.ts";
import type { EmvBlock } from "../../../protocol/pay/contract.ts";
import type { Quote, Sale, SaleLine, StoreSettings } from "../../../protocol/rooms/stores.ts";

export const SESSION = "0b6f0d5e-6c1c-4c1e-9d1e-0d8b1f5a7c01" as SessionId;

export const EU_STORE: StoreSettings = {
  store: "eu-test" as StoreId,
  name: "Markt am Ring",
  legalName: "Markt am Ring GmbH",
  address: "Ring 1\n50667 Köln",
  taxId: "DE123456789",
  country: "DE",
  language: "de",
  currency: "EUR",
  timeZone: "Europe/Berlin",
  taxIncluded: true,
  posUrl: "https://pos.example",
  weightToleranceGrams: 15,
  terminals: ["t1", "t2"],
  barcodeTemplates: [
    { pattern: "21iiiiinndddc", value: "weight", verifier: false },
    { pattern: "23iiiiinnnddc", value: "price", verifier: false },
  ],
  minimumAges: { alcohol: 16 },
};

export const US_STORE: StoreSettings = {
  ...EU_STORE,
  store: "us-test" as StoreId,
  country: "US",
  language: "en",
  currency: "USD",
  timeZone: "America/Chicago",
  taxIncluded: false,
  taxId: "",
  barcodeTemplates: [{ pattern: "2iiiiipnnddc", value: "price", verifier: true }],
  minimumAges: { alcohol: 21 },
};

export const EMV: EmvBlock = {
  scheme: "visa",
  last4: "4242",
  aid: "A0000000031010",
  applicationName: "VISA CREDIT",
  tvr: "0000008000",
  tsi: "E800",
  cryptogram: "A1B2C3D4E5F60718",
  arc: "00",
  approvalCode: "042137",
  cvm: "pin",
  entry: "chip",
  terminal: "t1",
  merchant: "****1234",
};

export function line(values: Partial<SaleLine> = {}): SaleLine {
  return {
    line: 1,
    item: "04006381333931",
    name: "Bread",
    quantity: 1,
    grams: null,
    unitMinor: 107,
    totalMinor: 107,
    taxClass: "food",
    ...values,
  };
}

/** 1.07 of food with 7 % in it. */
export const QUOTE: Quote = {
  quote: "q1",
  total: { minor: 107, currency: "EUR" },
  netMinor: 100,
  taxMinor: 7,
  taxes: [{ name: "MwSt", rateBasisPoints: 700, netMinor: 100, taxMinor: 7 }],
  lines: [line()],
};

export function sale(values: Partial<Sale> = {}): Sale {
  return {
    store: EU_STORE.store,
    session: SESSION,
    cart: "00112233445566778899aabbccddeeff" as CartSerial,
    handoff: "5d3b7a52-2f0c-4d6e-8a57-6c1d2e3f4a5b" as HandoffId,
    quote: QUOTE,
    startedAt: Date.UTC(2026, 9, 25, 0, 10),
    paidAt: Date.UTC(2026, 9, 25, 0, 55),
    emv: EMV,
    ...values,
  };
}
