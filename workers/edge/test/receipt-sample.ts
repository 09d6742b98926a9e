import type { ReceiptReference, SessionId, StoreId } from "../../../protocol/ids.ts";
import type { Receipt } from "../../../protocol/rooms/stores.ts";

export const REFERENCE = "AAECAwQFBgcICQoLDA0ODw" as ReceiptReference;

/** A receipt as the stores room answers it. */
export const sampleReceipt = (expires: number): Receipt => ({
  reference: REFERENCE,
  number: "2026-000017",
  store: {
    id: "eu-demo" as StoreId,
    name: "Demo",
    legalName: "Demo GmbH",
    address: "Marktplatz 1, 10115 Berlin",
    taxId: "DE123456788",
    country: "DE",
  },
  session: "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId,
  issuedAt: "2026-11-21T12:00:00.000Z",
  startedAt: "2026-11-21T11:30:00.000Z",
  timeZone: "Europe/Berlin",
  language: "de",
  taxIncluded: true,
  currency: "EUR",
  lines: [
    {
      line: 1,
      item: "04006381333931",
      name: "Milk",
      quantity: 2,
      grams: null,
      unitMinor: 129,
      totalMinor: 258,
      taxClass: "food",
    },
  ],
  taxes: [{ name: "MwSt", rateBasisPoints: 700, netMinor: 241, taxMinor: 17 }],
  netMinor: 241,
  taxMinor: 17,
  totalMinor: 258,
  payment: {
    scheme: "visa",
    last4: "1111",
    aid: "A0000000031010",
    applicationName: "VISA DEBIT",
    tvr: "0000000000",
    tsi: "0000",
    cryptogram: "0123456789ABCDEF",
    arc: "00",
    approvalCode: "123456",
    cvm: "none",
    entry: "contactless",
    terminal: "T-1",
    merchant: "M-1",
    result: "APPROVED",
    amountMinor: 258,
  },
  pos: { transaction: "17", fiscal: null },
  expires,
});
