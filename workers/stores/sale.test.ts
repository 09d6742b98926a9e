import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Currency } from "../../protocol/money/money.ts";
import { rulesOf, taxBasket } from "../../tools/simulators/pos/tax.ts";
import { holdsCardNumber } from "./card-number.ts";
import { digestOf } from "./digest.ts";
import { httpPos } from "./pos-client.ts";
import { findQuoteFault } from "./quote.ts";
import { makeReceipt, receiptReference } from "./receipt.ts";
import { areSaleLines, checkSale } from "./sale-check.ts";
import { EMV, EU_STORE, line, QUOTE, sale, SESSION } from "./test/fixtures.ts";

/** A test card of the schemes' own publications. */
const CARD = "4242424242424242";

describe("a card number", () => {
  test.each([CARD, "4242 4242-4242 4242", "378282246310005", "x4242424242424242y", "４２４２４２４２４２４２４２４２"])(
    "is found in %j",
    (text) => expect(holdsCardNumber(text)).toBe(true),
  );
  test.each(["", "4242", "4242424242424241", "A0000000031010", "42424242424242424242", "****4242", "042137"])(
    "is not found in %j",
    (text) => expect(holdsCardNumber(text)).toBe(false),
  );
});

describe("a sale", () => {
  test("is taken as it is", () => {
    expect(checkSale(sale())).toEqual({ ok: true, value: sale() });
  });

  test.each(["scheme", "aid", "applicationName", "tvr", "tsi", "arc", "approvalCode", "terminal", "merchant"])(
    "with a card number in %s is refused",
    (field) => {
      expect(checkSale(sale({ emv: { ...EMV, [field]: CARD } }))).toEqual({ ok: false, reason: "refused" });
      expect(checkSale(sale({ emv: { ...EMV, [field]: "4242 4242 4242 4242" } }))).toMatchObject({ ok: false });
    },
  );

  test("whose cryptogram happens to look like a card number keeps none", () => {
    expect(checkSale(sale({ emv: { ...EMV, cryptogram: CARD } }))).toMatchObject({
      value: { emv: { cryptogram: "" } },
    });
  });

  test.each<[string, object]>([
    ["more than four digits of the card", { emv: { ...EMV, last4: "44242" } }],
    ["a field of the card that has no name", { emv: { ...EMV, pan: CARD } }],
    ["no lines", { quote: { ...QUOTE, lines: [] } }],
    ["half a cent", { quote: { ...QUOTE, netMinor: 99.5 } }],
    ["an end before its start", { paidAt: 0 }],
    ["no hand-off", { handoff: "x" }],
  ])("with %s is refused", (_what, change) => {
    expect(checkSale({ ...sale(), ...change })).toEqual({ ok: false, reason: "refused" });
  });

  test("has one digest, in whatever order its fields come, and another for another content", async () => {
    const reversed = Object.fromEntries(Object.entries(sale()).toReversed());
    expect(await digestOf(reversed)).toBe(await digestOf(sale()));
    expect(await digestOf(sale({ paidAt: sale().paidAt + 1 }))).not.toBe(await digestOf(sale()));
  });

  test("gives a receipt that ends its full view after 30 days", () => {
    const reference = receiptReference(new Uint8Array(16).fill(0xfb));
    expect(reference).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const receipt = makeReceipt(reference, sale(), EU_STORE, { transaction: "eu-test-000001", fiscal: null });
    expect(receipt).toMatchObject({
      number: "eu-test-000001",
      issuedAt: "2026-10-25T00:55:00.000Z",
      totalMinor: 107,
      payment: { result: "APPROVED", amountMinor: 107, last4: "4242" },
      expires: Date.UTC(2026, 10, 24, 0, 55),
    });
  });
});

describe("lines for a quote", () => {
  test("are whole numbers and have one number each", () => {
    expect(areSaleLines([line(), line({ line: 2 })])).toBe(true);
    for (const bad of [
      [],
      [line(), line()],
      [line({ totalMinor: -1 })],
      [line({ quantity: 0 })],
      [null],
      "x",
      undefined,
    ])
      expect(areSaleLines(bad)).toBe(false);
  });
});

describe("a quote", () => {
  const us = { currency: "USD", taxIncluded: false } as const;
  const onTop = {
    ...QUOTE,
    total: { minor: 115, currency: "USD" as const },
    netMinor: 107,
    taxMinor: 8,
    taxes: [
      { name: "State sales tax", rateBasisPoints: 625, netMinor: 107, taxMinor: 7 },
      { name: "County sales tax", rateBasisPoints: 100, netMinor: 107, taxMinor: 1 },
    ],
  };

  test("that adds up has no fault", () => {
    expect(findQuoteFault(QUOTE, [line()], EU_STORE)).toBeNull();
    expect(findQuoteFault(onTop, [line()], us)).toBeNull();
  });

  test("of nothing to pay is a fault: no terminal authorizes nothing", () => {
    const free = line({ unitMinor: 0, totalMinor: 0 });
    const taxes = [{ name: "VAT", rateBasisPoints: 700, netMinor: 0, taxMinor: 0 }];
    const total = { minor: 0, currency: "EUR" as const };
    const quote = { ...QUOTE, total, netMinor: 0, taxMinor: 0, taxes, lines: [free] };
    expect(findQuoteFault(quote, [free], EU_STORE)).toBe("nothing");
  });

  test("may lower a line: the POS knows its promotions", () => {
    expect(findQuoteFault(QUOTE, [line({ totalMinor: 150, unitMinor: 150 })], EU_STORE)).toBeNull();
  });

  test.each([
    ["currency", { ...QUOTE, total: { minor: 107, currency: "USD" as const } }],
    ["net", { ...QUOTE, total: { minor: 108, currency: "EUR" as const } }],
    ["total", { ...QUOTE, total: { minor: 108, currency: "EUR" as const }, netMinor: 101 }],
    ["net", { ...QUOTE, taxMinor: 8, netMinor: 99 }],
    ["net", { ...QUOTE, taxes: [{ name: "VAT", rateBasisPoints: 700, netMinor: 99, taxMinor: 7 }] }],
    ["lines", { ...QUOTE, lines: [] }],
    ["lines", { ...QUOTE, lines: [line({ quantity: 2 })] }],
    ["lines", { ...QUOTE, lines: [line({ item: "plu:4011" })] }],
    ["overflow", { ...QUOTE, lines: [line({ totalMinor: 2 ** 53 })] }],
  ])("has a fault in %s", (fault, quote) => expect(findQuoteFault(quote, [line()], EU_STORE)).toBe(fault));

  test("of any basket, in currencies of 0, 2 and 3 digits, stands as the tax engine made it and falls by one unit", () => {
    const basket = fc.array(
      fc.record({
        taxClass: fc.constantFrom("food", "standard", "alcohol"),
        quantity: fc.integer({ min: 1, max: 50 }),
        unitMinor: fc.integer({ min: 1, max: 100_000 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    const currency = fc.constantFrom<Currency>("JPY", "EUR", "USD", "KWD");
    fc.assert(
      fc.property(basket, currency, fc.constantFrom("US", "DE", "FR"), (goods, currency, country) => {
        const rules = rulesOf(country);
        if (rules === undefined) throw new Error(country);
        const lines = goods.map((each, index) =>
          line({ ...each, line: index, totalMinor: each.quantity * each.unitMinor }),
        );
        const { totalMinor, ...taxed } = taxBasket(lines, rules);
        const quote = { quote: "q", total: { minor: totalMinor, currency }, lines, ...taxed };
        const store = { currency, taxIncluded: rules.included };
        expect(findQuoteFault(quote, lines, store)).toBeNull();
        for (const by of [-1, 1]) {
          const total = { minor: totalMinor + by, currency };
          expect(findQuoteFault({ ...quote, total }, lines, store)).not.toBeNull();
          expect(findQuoteFault({ ...quote, total, netMinor: taxed.netMinor + by }, lines, store)).not.toBeNull();
        }
      }),
    );
  });

  test("with tax on top must add it", () => {
    expect(findQuoteFault({ ...onTop, total: { minor: 107, currency: "USD" }, netMinor: 99 }, [line()], us)).toBe(
      "total",
    );
  });
});

describe("a call to the POS", () => {
  const answering = (response: () => Response) => httpPos("https://pos.example", "key", async () => response());
  const quote = (client: ReturnType<typeof httpPos>) => client.quote(EU_STORE, SESSION, sale().handoff, [line()]);

  test("carries the key, the hand-off as idempotency key, and no more of the card than its last four", async () => {
    const calls: { url: string; init: RequestInit }[] = [];
    const client = httpPos("https://pos.example/shop", "key", async (url, init) => {
      calls.push({ url, init });
      return Response.json({ transaction: "1", fiscal: null, total_minor: 107, currency: "EUR" });
    });
    expect(await client.sell(sale())).toMatchObject({ ok: true, value: { transaction: "1" } });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.url).toBe("https://pos.example/shop/v1/sales");
    expect(calls[0]?.init).toMatchObject({
      redirect: "manual",
      headers: { authorization: "Bearer key", "idempotency-key": sale().handoff },
    });
    expect(calls[0]?.init.body).not.toContain(EMV.cryptogram);
  });

  test.each([
    [400, "refused"],
    [422, "refused"],
    [401, "unavailable"],
    [429, "unavailable"],
    [302, "unavailable"],
    [500, "unavailable"],
  ])("that is answered %i is %s", async (status, reason) => {
    expect(await quote(answering(() => new Response("{}", { status })))).toEqual({ ok: false, reason });
  });

  test.each(["", "[]", "not JSON", '{"quote":"q","total_minor":1.5}', "null"])(
    "that is answered %j is unavailable",
    async (text) => {
      expect(await quote(answering(() => new Response(text)))).toEqual({ ok: false, reason: "unavailable" });
    },
  );

  test("that gets no answer in time is unavailable", async () => {
    const never = httpPos(
      "https://pos.example",
      "key",
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
      20,
    );
    expect(await quote(never)).toEqual({ ok: false, reason: "unavailable" });
  });
});
