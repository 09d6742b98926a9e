import { describe, expect, test } from "vitest";
import type { ReceiptReference, SessionId, StoreId } from "../../../protocol/ids.ts";
import type { Receipt } from "../../../protocol/rooms/stores.ts";
import { notFoundPage, receiptJson, receiptPage, receiptStyles } from "./receipt-page.tsx";

const RECEIPT: Receipt = {
  reference: "AAAAAAAAAAAAAAAAAAAAAA" as ReceiptReference,
  number: "eu-test-000007",
  store: {
    id: "eu-test" as StoreId,
    name: "Markt am Ring",
    legalName: "Markt am Ring GmbH",
    address: "Ring 1\n50667 Köln",
    taxId: "DE123456789",
    country: "DE",
  },
  session: "0b6f0d5e-6c1c-4c1e-9d1e-0d8b1f5a7c01" as SessionId,
  issuedAt: "2026-10-25T00:55:00.000Z",
  startedAt: "2026-10-25T00:10:00.000Z",
  timeZone: "Europe/Berlin",
  language: "de",
  taxIncluded: true,
  currency: "EUR",
  lines: [
    {
      line: 1,
      item: "04006381333931",
      name: `<script>alert("1")</script> & Brot`,
      quantity: 2,
      grams: null,
      unitMinor: 107,
      totalMinor: 214,
      taxClass: "food",
    },
    {
      line: 2,
      item: "plu:4011",
      name: "Bananen",
      quantity: 1,
      grams: 1253,
      unitMinor: 199,
      totalMinor: 249,
      taxClass: "food",
    },
  ],
  taxes: [{ name: "MwSt", rateBasisPoints: 700, netMinor: 433, taxMinor: 30 }],
  netMinor: 433,
  taxMinor: 30,
  totalMinor: 463,
  payment: {
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
    result: "APPROVED",
    amountMinor: 463,
  },
  pos: { transaction: "eu-test-000007", fiscal: "V0;SIMULATED;Kassenbeleg-V1" },
  expires: Date.UTC(2026, 10, 24, 0, 55),
};

const BEFORE = RECEIPT.expires - 1;
const text = (page: string) => page.replaceAll(/[\u00a0\u202f]|&nbsp;/g, " ");

describe("a receipt's page", () => {
  const page = text(receiptPage(RECEIPT, BEFORE));

  test("has all that a simplified invoice must have: date, supplier, goods, tax by rate", () => {
    expect(page).toContain("Markt am Ring GmbH");
    expect(page).toContain("50667 Köln");
    expect(page).toContain("DE123456789");
    expect(page).toContain("Ausstellungsdatum");
    expect(page).toContain("eu-test-000007");
    expect(page).toContain("Bananen");
    for (const amount of ["7 %", "4,33 €", "0,30 €", "4,63 €", "2,14 €", "2,49 €"]) expect(page).toContain(amount);
  });

  test.each([
    ["de", "Berichtigt Beleg", "eu-test-000007 vom 25. Oktober 2026", "Auf die Karte erstattet"],
    ["en", "Corrects receipt", "eu-test-000007 of", "Returned to the card"],
    ["fr", "Rectifie le ticket", "eu-test-000007 du", "Remboursé sur la carte"],
  ])(
    "names the receipt that a correction amends, in full view and in the summary (%s)",
    (language, label, of, back) => {
      const { reference, number, issuedAt } = RECEIPT;
      const correction = { ...RECEIPT, language, number: "eu-test-R000001", corrects: { reference, number, issuedAt } };
      const page = receiptPage(correction, BEFORE);
      for (const text of [label, of, back]) expect(page).toContain(text);
      const summary = receiptPage(correction, RECEIPT.expires);
      for (const text of [label, of]) expect(summary).toContain(text);
      expect(receiptJson(correction, RECEIPT.expires)).toMatchObject({ corrects: { number } });
      expect(receiptPage(RECEIPT, BEFORE)).not.toContain(label);
    },
  );

  test("says the time where the store was, with the offset that held then", () => {
    expect(page).toContain('datetime="2026-10-25T00:55:00.000Z"');
    expect(page).toMatch(/25\.10\.2026, 02:55:00 GMT\+02:00 \(Europe\/Berlin\)/);
    const later = text(receiptPage({ ...RECEIPT, issuedAt: "2026-10-25T01:55:00.000Z" }, BEFORE));
    expect(later).toMatch(/25\.10\.2026, 02:55:00 GMT\+01:00 \(Europe\/Berlin\)/);
  });

  test("shows a product's name and never runs it", () => {
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; Brot");
    expect(page).not.toContain("<script");
  });

  test("escapes whatever a store or a POS put into it", () => {
    const evil = `"><img src=x onerror=alert(1)>`;
    const hostile = receiptPage(
      {
        ...RECEIPT,
        number: evil,
        language: evil,
        store: { ...RECEIPT.store, name: evil, legalName: evil, address: evil, taxId: evil, country: evil },
        taxes: [{ name: evil, rateBasisPoints: 700, netMinor: 1, taxMinor: 1 }],
        payment: { ...RECEIPT.payment, scheme: evil, merchant: evil, applicationName: evil },
        pos: { transaction: evil, fiscal: evil },
      },
      BEFORE,
    );
    expect(hostile).not.toContain("<img");
  });

  test("says weight and price of a kilogram of loose goods", () => {
    expect(page).toContain("1,253 kg");
    expect(page).toContain("1,99 €/kg");
  });

  test("keeps the GTIN and the trip out of sight, and of the card shows the last four digits", () => {
    expect(page).not.toContain("4006381333931");
    expect(page).not.toContain(RECEIPT.session);
    expect(page).toContain("Visa, endet auf 4242");
  });

  test("folds the card's data without a script", () => {
    expect(page).toMatch(/<details><summary>Angaben zur Kartenzahlung<\/summary>.*A0000000031010.*<\/details>/s);
    for (const value of ["042137", "A1B2C3D4E5F60718", "0000008000", "E800", "****1234", "VISA CREDIT"])
      expect(page).toContain(value);
  });

  test("carries the fiscal text as the POS gave it", () => {
    expect(page).toContain("V0;SIMULATED;Kassenbeleg-V1");
    expect(receiptPage({ ...RECEIPT, pos: { transaction: "1", fiscal: null } }, BEFORE)).not.toContain("Fiskaldaten");
  });

  test("asks for no script, no style of its own, no other origin and no search engine", () => {
    expect(page).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|https?:|\/\/[a-z]/i);
    expect(page).toContain('<meta name="robots" content="noindex, nofollow"/>');
    expect(page).toContain('<link rel="stylesheet" href="/r/receipt.css"/>');
    expect(receiptStyles).not.toMatch(/url\(|@import|https?:/);
  });

  test("is marked up for who can't see it: language, one heading, named columns and rows", () => {
    expect(page).toMatch(/^<!doctype html><html lang="de">/);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<th scope="row">/g)).toHaveLength(3);
    expect(page.match(/<table>/g)).toHaveLength(2);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(id);
  });

  test.each([
    ["en", "Date of issue", 'lang="en"'],
    ["fr", "Date d’émission", 'lang="fr"'],
    ["fi", "Date of issue", 'lang="en"'],
    ["toString", "Date of issue", 'lang="en"'],
  ])("in %s says %j", (language, label, marked) => {
    const page = receiptPage({ ...RECEIPT, language }, BEFORE);
    expect(page).toContain(label);
    expect(page).toContain(marked);
  });

  test("in the US adds its taxes, without a tax number", () => {
    const page = text(
      receiptPage(
        {
          ...RECEIPT,
          language: "en",
          taxIncluded: false,
          currency: "USD",
          timeZone: "America/Chicago",
          store: { ...RECEIPT.store, country: "US", taxId: "" },
          taxes: [{ name: "State sales tax", rateBasisPoints: 725, netMinor: 433, taxMinor: 31 }],
        },
        BEFORE,
      ),
    );
    expect(page).toContain("7.25%");
    expect(page).toContain("$4.63");
    expect(page).toContain("Tax is added to the prices.");
    expect(page).not.toContain("Tax number");
    expect(page).toContain("GMT-05:00 (America/Chicago)");
  });
});

describe("after its expiry a receipt", () => {
  const page = text(receiptPage(RECEIPT, RECEIPT.expires));

  test("is a summary: supplier, date, total and tax, but no goods and no card", () => {
    for (const kept of ["Markt am Ring GmbH", "Ausstellungsdatum", "4,63 €", "0,30 €", "eu-test-000007"])
      expect(page).toContain(kept);
    for (const gone of ["Bananen", "Brot", "4242", "A0000000031010", "Kassenbeleg", "Einkauf begonnen"])
      expect(page).not.toContain(gone);
  });

  test("is the same summary as JSON", () => {
    expect(receiptJson(RECEIPT, BEFORE)).toEqual(RECEIPT);
    const summary = receiptJson(RECEIPT, RECEIPT.expires);
    expect(summary).toMatchObject({ totalMinor: 463, taxes: RECEIPT.taxes });
    for (const gone of ["lines", "payment", "pos", "session", "startedAt"]) expect(summary).not.toHaveProperty(gone);
  });
});

describe("the page where there is no receipt", () => {
  test.each([
    ["de-AT,de;q=0.9", "Hier ist kein Bon"],
    ["fr", "Aucun ticket ici"],
    ["", "No receipt here"],
    ["<script>", "No receipt here"],
  ])("for %j says %j", (language, words) => {
    const page = notFoundPage(language);
    expect(page).toContain(words);
    expect(page).not.toContain("<script");
    expect(page).toContain("noindex");
  });
});
