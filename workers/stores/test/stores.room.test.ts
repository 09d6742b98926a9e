import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HandoffId, ReceiptReference, SessionId } from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import type {
  ImportReport,
  PricedItem,
  Quote,
  Receipt,
  Sale,
  SaleLine,
  StoreFacts,
  StoreSettings,
} from "../../../protocol/rooms/stores.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { rulesOf, taxBasket } from "../../../tools/simulators/pos/tax.ts";
import { EMV, EU_STORE, line, sale, SESSION } from "./fixtures.ts";

const KEY = "pos-key";
const HEADER = "gtin,name,price_minor,currency,tax_class,net_weight_g\n";

let pos: RoomUnderTest;
let room: RoomUnderTest;
let door: Server;
let posUrl: string;

beforeAll(async () => {
  const { privateKey } = await generateKeyPair("ECDH-ES", { extractable: true, crv: "P-256" });
  const jwk = JSON.stringify({ ...(await exportJWK(privateKey)), kid: "pos" });
  pos = await startRoom("pos", { secrets: { POS_KEY: KEY, POS_PRIVACY_JWK: jwk } });
  // The simulated POS on a port of its own, as the room reaches any POS: over HTTP.
  // An answer that comes too late finds nobody.
  door = createServer((request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      const headers = Object.fromEntries(
        ["authorization", "idempotency-key", "content-type"].map((name) => [name, String(request.headers[name] ?? "")]),
      );
      const body = Buffer.concat(chunks).toString();
      const answer = await pos.fetch(request.url ?? "/", { method: request.method ?? "POST", headers, body });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  posUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  room = await startRoom("stores", { secrets: { POS_KEY: KEY }, vars: { POS_HOSTS: new URL(posUrl).host } });
  expect(await put()).toEqual({ ok: true });
  const catalogue =
    "4006381333931,Bread,107,EUR,food,500\n96385074,Wine,119,EUR,alcohol,\nplu:4011,Bananas,199,EUR,food,\n";
  expect(await importCsv(HEADER + catalogue)).toEqual({ ok: true, value: { imported: 3, refused: [] } });
});

afterAll(async () => {
  await room?.stop();
  await new Promise((resolve) => door?.close(resolve));
  await pos?.stop();
});

const put = (change: Partial<StoreSettings> = {}) =>
  room.call<Result<undefined, string>>("ForOps", "ops", "put", { ...EU_STORE, posUrl, ...change });
const importCsv = (csv: string, store = EU_STORE.store as string) =>
  room.call<Result<ImportReport, string>>("ForOps", "ops", "importCatalogue", store, csv);
const prices = (codes: readonly { code: string; grams: number | null }[], store = EU_STORE.store as string) =>
  room.call<Result<Result<PricedItem, string>[], string>>("ForSessions", "sessions", "prices", store, codes);
const quote = (handoff: HandoffId, lines: readonly SaleLine[], store = EU_STORE.store) =>
  room.call<Result<Quote, string>>("ForSessions", "sessions", "quote", store, SESSION, handoff, lines);
const sell = (each: Sale) => room.call<Result<ReceiptReference, string>>("ForSessions", "sessions", "sell", each);
const receipt = (reference: string) => room.call<Result<Receipt, string>>("ForEdge", "edge", "receipt", reference);

const handoff = () => crypto.randomUUID() as HandoffId;

async function quoted(lines: readonly SaleLine[] = [line()]): Promise<Sale> {
  const key = handoff();
  const answer = await quote(key, lines);
  if (!answer.ok) throw new Error(answer.reason);
  return sale({ handoff: key, quote: answer.value });
}

async function behave(behaviour: string, on: string) {
  const headers = { authorization: `Bearer ${KEY}` };
  const body = JSON.stringify({ store: EU_STORE.store, behaviour, on });
  expect((await pos.fetch("/v1/behaviours", { method: "POST", headers, body })).status).toBe(200);
}

async function rows<T>(sql: string, ...values: unknown[]): Promise<T[]> {
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  const bound = values.length === 0 ? database.prepare(sql) : database.prepare(sql).bind(...values);
  return (await bound.all()).results as T[];
}

describe("a store", () => {
  test("is known to sessions and to the door by its facts", async () => {
    const { store, name, currency, taxIncluded, timeZone, weightToleranceGrams, terminals } = EU_STORE;
    const value = { store, name, currency, taxIncluded, timeZone, weightToleranceGrams, terminals };
    for (const [entrypoint, caller] of [
      ["ForSessions", "sessions"],
      ["ForEdge", "edge"],
    ] as const) {
      expect(await room.call<Result<StoreFacts, string>>(entrypoint, caller, "facts", store)).toEqual({
        ok: true,
        value,
      });
      expect(await room.call(entrypoint, caller, "facts", "no-such")).toEqual({ ok: false, reason: "unknown_store" });
      expect(await room.call(entrypoint, caller, "facts", "' or 1=1")).toEqual({ ok: false, reason: "unknown_store" });
    }
  });

  test("with settings that are wrong stays as it was", async () => {
    expect(await put({ name: "Other", posUrl: "https://elsewhere.example" })).toEqual({ ok: false, reason: "invalid" });
    const facts = await room.call<Result<StoreFacts, string>>("ForEdge", "edge", "facts", EU_STORE.store);
    expect(facts).toMatchObject({ value: { name: EU_STORE.name } });
  });

  test("answers nothing over HTTP", async () => {
    expect((await room.fetch("/")).status).toBe(404);
  });
});

describe("a catalogue", () => {
  test("prices a batch of codes in order, each with its own answer", async () => {
    const codes = [
      { code: "4006381333931", grams: null },
      { code: "4011", grams: 1500 },
      { code: "4011", grams: null },
      { code: "96385074", grams: null },
      { code: "4006381333932", grams: null },
      { code: "0036000291452", grams: null },
      { code: "]C1010400638133393117200101", grams: null },
    ];
    const answer = await prices(codes);
    if (!answer.ok) throw new Error(answer.reason);
    expect(answer.value.map((each) => (each.ok ? [each.value.name, each.value.lineMinor] : each.reason))).toEqual([
      ["Bread", 107],
      ["Bananas", 299],
      "weight_needed",
      ["Wine", 119],
      "bad_code",
      "unknown_item",
      "expired",
    ]);
    expect(answer.value[3]).toMatchObject({ value: { minimumAge: 16 } });
  });

  test("of a store that is not there has no prices", async () => {
    expect(await prices([{ code: "4011", grams: 1 }], "no-such")).toEqual({ ok: false, reason: "unavailable" });
    expect(await prices([])).toEqual({ ok: true, value: [] });
  });

  test("given again changes prices and keeps what it does not name", async () => {
    const store = { store: "eu-again" as typeof EU_STORE.store };
    await put(store);
    await importCsv(`${HEADER}4006381333931,Bread,100,EUR,food,500\nplu:4011,Bananas,199,EUR,food,\n`, "eu-again");
    const again = await importCsv(`${HEADER}4006381333931,Bread,150,EUR,food,\nbad,Row,1,EUR,food,\n`, "eu-again");
    expect(again).toEqual({ ok: true, value: { imported: 1, refused: [{ line: 3, reason: "bad_gtin" }] } });
    expect(await rows("SELECT item, unit_minor, net_grams FROM products WHERE store = ?", "eu-again")).toEqual([
      { item: "04006381333931", unit_minor: 150, net_grams: null },
      { item: "plu:4011", unit_minor: 199, net_grams: null },
    ]);
  });

  test("of another form, or for no store, is refused whole", async () => {
    expect(await importCsv("name\nBread\n")).toEqual({ ok: false, reason: "bad_header" });
    expect(await importCsv(HEADER, "no-such")).toEqual({ ok: false, reason: "unknown_store" });
  });

  test("of twenty thousand rows is taken, and taken again", async () => {
    await put({ store: "eu-large" as typeof EU_STORE.store });
    const large = Array.from(
      { length: 20_000 },
      (_, index) => `plu:${10_000 + index},"Item ""${index}"", &amp;",${index},EUR,food,`,
    );
    const csv = HEADER + large.join("\n");
    const imported = { ok: true, value: { imported: 20_000, refused: [] } };
    expect(await importCsv(csv, "eu-large")).toEqual(imported);
    expect(await importCsv(csv, "eu-large")).toEqual(imported);
    const found = await rows("SELECT count(*) AS n, sum(unit_minor) AS s FROM products WHERE store = ?", "eu-large");
    expect(found).toEqual([{ n: 20_000, s: (19_999 * 20_000) / 2 }]);
    expect(await prices([{ code: "29999", grams: 1000 }], "eu-large")).toMatchObject({
      value: [{ value: { name: 'Item "19999", &', lineMinor: 19_999 } }],
    });
  });
});

describe("a quote", () => {
  test("is the tax engine's, to the minor unit", async () => {
    const lines = [
      line({ line: 1, quantity: 3, totalMinor: 321 }),
      line({ line: 2, item: "00000096385074", name: "Wine", unitMinor: 119, totalMinor: 119, taxClass: "alcohol" }),
    ];
    const rules = rulesOf("DE");
    if (rules === undefined) throw new Error("no rules");
    const expected = taxBasket(lines, rules);
    expect(await quote(handoff(), lines)).toMatchObject({
      ok: true,
      value: {
        total: { minor: expected.totalMinor, currency: "EUR" },
        taxMinor: expected.taxMinor,
        taxes: expected.taxes,
        lines,
      },
    });
  });

  test("asked for again by the same hand-off is the same one", async () => {
    const key = handoff();
    expect(await quote(key, [line()])).toEqual(await quote(key, [line()]));
    expect(await quote(key, [line({ totalMinor: 1 })])).toEqual({ ok: false, reason: "refused" });
  });

  test("with a total that does not add up is refused", async () => {
    await behave("wrong_total", "quotes");
    expect(await quote(handoff(), [line()])).toEqual({ ok: false, reason: "refused" });
  });

  test("from a POS that fails or does not answer in time is unavailable, and then it is there", async () => {
    const key = handoff();
    await behave("fail_once", "quotes");
    expect(await quote(key, [line()])).toEqual({ ok: false, reason: "unavailable" });
    await behave("time_out", "quotes");
    expect(await quote(key, [line()])).toEqual({ ok: false, reason: "unavailable" });
    expect((await quote(key, [line()])).ok).toBe(true);
  });

  test("of no lines, or for no store, is refused", async () => {
    expect(await quote(handoff(), [])).toEqual({ ok: false, reason: "refused" });
    expect(await quote(handoff(), [line()], "no-such" as never)).toEqual({ ok: false, reason: "refused" });
  });
});

describe("a sale", () => {
  test("gives a receipt that says what was sold, with its tax and its fiscal text", async () => {
    const sold = await quoted();
    const reference = await sell(sold);
    if (!reference.ok) throw new Error(reference.reason);
    expect(reference.value).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await receipt(reference.value)).toMatchObject({
      ok: true,
      value: {
        reference: reference.value,
        store: { legalName: "Markt am Ring GmbH", taxId: "DE123456789" },
        issuedAt: "2026-10-25T00:55:00.000Z",
        lines: [{ name: "Bread", totalMinor: 107 }],
        taxes: [{ rateBasisPoints: 700, netMinor: 100, taxMinor: 7 }],
        totalMinor: 107,
        payment: { last4: "4242", amountMinor: 107 },
        pos: { fiscal: expect.stringContaining("Kassenbeleg-V1") },
      },
    });
    const index = await rows("SELECT handoff, expires FROM receipts WHERE reference = ?", reference.value);
    expect(index).toEqual([{ handoff: sold.handoff, expires: sold.paidAt + 30 * 86_400_000 }]);
  });

  test("is found by its receipt's reference: the trip, and nobody's name", async () => {
    const sold = await quoted();
    const reference = await sell(sold);
    const sessionOf = (text: string) => room.call<Result<string, string>>("ForOps", "ops", "sessionOf", text);
    expect(await sessionOf(reference.ok ? reference.value : "")).toEqual({ ok: true, value: sold.session });
    for (const unknown of ["A".repeat(22), "not a reference"])
      expect(await sessionOf(unknown)).toEqual({ ok: false, reason: "unknown_receipt" });
  });

  test("again is the same receipt, and sold once", async () => {
    const sold = await quoted();
    const answers = await Promise.all([sell(sold), sell(sold), sell(sold)]);
    expect(answers[0]?.ok).toBe(true);
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await sell({ ...sold, paidAt: sold.paidAt + 1 })).toEqual({ ok: false, reason: "refused" });
    expect(await rows("SELECT state FROM sales WHERE handoff = ?", sold.handoff)).toEqual([{ state: "booked" }]);
  });

  test("that the POS booked but could not say so ends with one receipt and one transaction", async () => {
    const sold = await quoted();
    await behave("time_out", "sales");
    expect(await sell(sold)).toEqual({ ok: false, reason: "unavailable" });
    expect(await rows("SELECT state FROM sales WHERE handoff = ?", sold.handoff)).toEqual([{ state: "intent" }]);
    const [before] = await rows<{ reference: string }>("SELECT reference FROM sales WHERE handoff = ?", sold.handoff);
    expect(await sell(sold)).toEqual({ ok: true, value: before?.reference });
  });

  test("whose room died after the receipt was written finds the same receipt", async () => {
    const sold = await quoted();
    const first = await sell(sold);
    if (!first.ok) throw new Error(first.reason);
    const original = await receipt(first.value);
    const database = await room.miniflare.getD1Database("RETAIL", room.worker);
    await database
      .prepare("UPDATE sales SET state = 'intent', booked_at = NULL WHERE handoff = ?")
      .bind(sold.handoff)
      .run();
    await database.prepare("DELETE FROM receipts WHERE handoff = ?").bind(sold.handoff).run();
    expect(await sell(sold)).toEqual(first);
    expect(await receipt(first.value)).toEqual(original);
    expect(await rows("SELECT reference FROM receipts WHERE handoff = ?", sold.handoff)).toEqual([
      { reference: first.value },
    ]);
  });

  test("that the POS books at another total is refused and leaves no receipt", async () => {
    const sold = await quoted();
    await behave("wrong_total", "sales");
    expect(await sell(sold)).toEqual({ ok: false, reason: "refused" });
    expect(await rows("SELECT * FROM receipts WHERE handoff = ?", sold.handoff)).toEqual([]);
  });

  test("with a card number in it is refused before anything is kept", async () => {
    const sold = await quoted();
    const emv = { ...EMV, applicationName: "4242 4242 4242 4242" };
    expect(await sell({ ...sold, emv })).toEqual({ ok: false, reason: "refused" });
    expect(await rows("SELECT * FROM sales WHERE handoff = ?", sold.handoff)).toEqual([]);
  });

  test("fixes the store's currency", async () => {
    await sell(await quoted());
    expect(await put({ currency: "PLN" })).toEqual({ ok: false, reason: "currency_fixed" });
    expect(await put()).toEqual({ ok: true });
  });
});

describe("before the first sale", () => {
  test("the currency may change, and prices in the old one are none", async () => {
    const store = { store: "eu-young" as typeof EU_STORE.store };
    await put(store);
    await importCsv(`${HEADER}plu:4011,Bananas,199,EUR,food,\n`, "eu-young");
    expect(await put({ ...store, currency: "PLN" })).toEqual({ ok: true });
    expect(await prices([{ code: "4011", grams: 1000 }], "eu-young")).toEqual({
      ok: true,
      value: [{ ok: false, reason: "unknown_item" }],
    });
  });
});

test.each(["", "x", "A".repeat(22), "../../../etc/passwd___"])("no receipt is found under %j", async (reference) => {
  expect(await receipt(reference)).toEqual({ ok: false, reason: "unknown" });
});

describe("a shopper's erasure", () => {
  test("finds the receipts held under the law of the store, and nothing in them that is not a receipt's", async () => {
    const session = crypto.randomUUID() as SessionId;
    const sold = { ...(await quoted()), session };
    expect((await sell(sold)).ok).toBe(true);
    const forget = (sessions: readonly string[]) =>
      room.call<unknown>("ForSessions", "sessions", "forgetReceipts", crypto.randomUUID(), sessions);
    const held = { outcome: "held", count: 1, left: 0, until: "2034-12-31" };
    expect(await forget([session])).toMatchObject({ ok: true, value: held });
    // From before there were holds: written now, from the receipt.
    const retail = await room.miniflare.getD1Database("RETAIL", room.worker);
    await retail.prepare("DELETE FROM fiscal_holds").run();
    expect(await forget([session])).toMatchObject({ ok: true, value: held });
    expect(await forget([crypto.randomUUID()])).toMatchObject({
      ok: true,
      value: { outcome: "none", count: 0, left: 0 },
    });
    const receipts = await room.call<Result<readonly Receipt[], string>>("ForSessions", "sessions", "receiptsOf", [
      session,
    ]);
    expect(receipts).toMatchObject({ ok: true, value: [{ session }] });
  });

  test("is not over while a receipt has something of a person", async () => {
    const session = crypto.randomUUID() as SessionId;
    const reference = await sell({ ...(await quoted()), session });
    const bucket = await room.miniflare.getR2Bucket("RECEIPTS", room.worker);
    const key = reference.ok ? reference.value : "";
    const receipt = (await (await bucket.get(key))?.json()) as object;
    await bucket.put(key, JSON.stringify({ ...receipt, customer: "somebody" }));
    expect(
      await room.call<unknown>("ForSessions", "sessions", "forgetReceipts", crypto.randomUUID(), [session]),
    ).toMatchObject({
      value: { left: 1 },
    });
  });
});
