import { CompactEncrypt, exportJWK, generateKeyPair, type CryptoKey } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../platform/room-under-test.ts";
import { rulesOf, taxBasket } from "../tax.ts";

const SESSION = "0b6f0d5e-6c1c-4c1e-9d1e-0d8b1f5a7c01";
let room: RoomUnderTest;
let keys = 0;
let noticeKey: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
  noticeKey = pair.publicKey;
  const POS_PRIVACY_JWK = JSON.stringify(await exportJWK(pair.privateKey));
  room = await startRoom("pos", { secrets: { POS_KEY: "the-key", POS_PRIVACY_JWK } });
});
afterAll(() => room?.stop());

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await room.fetch(path, {
    method: "POST",
    headers: { authorization: "Bearer the-key", "idempotency-key": `k${keys++}`, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function basket(store: string, country = "DE", amounts: readonly [string, number][] = [["food", 107]]) {
  const lines = amounts.map(([tax_class, total_minor], line) => ({
    line,
    item: "04006381333931",
    name: "Bread",
    quantity: 1,
    grams: null,
    unit_minor: total_minor,
    total_minor,
    tax_class,
  }));
  const us = country === "US";
  return { store, country, currency: us ? "USD" : "EUR", tax_included: !us, session: SESSION, lines };
}

function sale(store: string, quote: Record<string, unknown>) {
  return {
    store,
    quote: quote["quote"],
    currency: quote["currency"],
    total_minor: quote["total_minor"],
    session: SESSION,
    cart: "00112233445566778899aabbccddeeff",
    started_at: 1_700_000_000_000,
    paid_at: 1_700_000_900_000,
    payment: { scheme: "visa", last4: "4242", approval_code: "A1B2C3", terminal: "t1" },
  };
}

describe("the simulated point of sale", () => {
  test.each(["DE", "US", "FR"])("quotes in %s what the tax rules give", async (country) => {
    const amounts: [string, number][] = [
      ["food", 1999],
      ["alcohol", 1249],
      ["standard", 333],
    ];
    const rules = rulesOf(country);
    if (rules === undefined) throw new Error(country);
    const taxed = taxBasket(
      amounts.map(([taxClass, totalMinor]) => ({ taxClass, totalMinor })),
      rules,
    );
    const answer = await post("/v1/quotes", basket("quotes", country, amounts));
    expect(answer).toMatchObject({
      status: 200,
      body: { total_minor: taxed.totalMinor, net_minor: taxed.netMinor, tax_minor: taxed.taxMinor },
    });
    expect(answer.body["taxes"]).toHaveLength(taxed.taxes.length);
  });

  test("answers a repeated key alike, and refuses it for another request", async () => {
    const key = { "idempotency-key": "same" };
    const first = await post("/v1/quotes", basket("keys"), key);
    expect(await post("/v1/quotes", basket("keys"), key)).toEqual(first);
    expect(await post("/v1/quotes", basket("keys", "DE", [["food", 1]]), key)).toEqual({
      status: 422,
      body: { code: "refused", field: "idempotency_key" },
    });
  });

  test("numbers a store's sales without a gap, and sells a quote once", async () => {
    const numbers: unknown[] = [];
    for (let each = 0; each < 3; each++) {
      const quote = await post("/v1/quotes", basket("numbers"));
      const key = { "idempotency-key": `sale-${each}` };
      const sold = await post("/v1/sales", sale("numbers", quote.body), key);
      expect(await post("/v1/sales", sale("numbers", quote.body), key)).toEqual(sold);
      expect((await post("/v1/sales", sale("numbers", quote.body))).status).toBe(422);
      numbers.push(sold.body["transaction"]);
    }
    expect(numbers).toEqual(["numbers-000001", "numbers-000002", "numbers-000003"]);
    const list = await room.fetch("/v1/sales/numbers", { headers: { authorization: "Bearer the-key" } });
    expect(((await list.json()) as { sales: unknown[] }).sales).toHaveLength(3);
  });

  test("signs a German sale in the form of its QR code, and no other country's", async () => {
    const german = await post(
      "/v1/quotes",
      basket("fiscal", "DE", [
        ["food", 107],
        ["alcohol", 119],
      ]),
    );
    const fiscal = String((await post("/v1/sales", sale("fiscal", german.body))).body["fiscal"]);
    expect(fiscal.split(";")).toHaveLength(12);
    expect(fiscal).toContain("V0;SIMULATED-fiscal;Kassenbeleg-V1;Beleg^1.19_1.07_0.00_0.00_0.00^2.26:Unbar;1;");
    const french = await post("/v1/quotes", basket("fiscal-fr", "FR"));
    expect((await post("/v1/sales", sale("fiscal-fr", french.body))).body["fiscal"]).toBeNull();
  });

  test("refuses a sale at another total than was quoted, or of no quote", async () => {
    const quote = await post("/v1/quotes", basket("totals"));
    const wrong = { ...sale("totals", quote.body), total_minor: 1 };
    expect((await post("/v1/sales", wrong)).body).toEqual({ code: "refused", field: "total" });
    expect((await post("/v1/sales", sale("totals", { ...quote.body, quote: "none" }))).body).toEqual({
      code: "refused",
      field: "quote",
    });
  });

  test("misbehaves as often as it is told to", async () => {
    await post("/v1/behaviours", { store: "bad", behaviour: "fail_once" });
    await post("/v1/behaviours", { store: "bad", behaviour: "wrong_total" });
    expect((await post("/v1/quotes", basket("bad"))).status).toBe(500);
    expect((await post("/v1/quotes", basket("bad"))).body["total_minor"]).toBe(108);
    expect((await post("/v1/quotes", basket("bad"))).body["total_minor"]).toBe(107);
  });

  test.each<[string, unknown, Record<string, string>, number]>([
    ["no key", basket("x"), { authorization: "" }, 401],
    ["another key", basket("x"), { authorization: "Bearer other" }, 401],
    ["no idempotency key", basket("x"), { "idempotency-key": "" }, 400],
    ["no lines", { ...basket("x"), lines: [] }, {}, 422],
    ["a country without rules", basket("x", "XX"), {}, 422],
    ["tax included in the US", { ...basket("x", "US"), tax_included: true }, {}, 422],
    ["an unknown tax class", basket("x", "DE", [["tobacco", 1]]), {}, 422],
    ["a fraction of a cent", basket("x", "DE", [["food", 1.5]]), {}, 422],
    ["another currency", { ...basket("x"), currency: "XXX" }, {}, 422],
    ["no object", "text", {}, 422],
  ])("refuses a quote with %s", async (_what, body, headers, status) => {
    expect(
      (
        await room.fetch("/v1/quotes", {
          method: "POST",
          headers: { authorization: "Bearer the-key", "idempotency-key": `n${keys++}`, ...headers },
          body: JSON.stringify(body),
        })
      ).status,
    ).toBe(status);
  });
});

describe("a privacy notice", () => {
  const id = "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49";
  const correction = {
    notice: id,
    kind: "correction",
    recipient: "demo-market",
    loyalty: ["9820000000017"],
    fields: { name: "New Name", phone: null },
    at: 1_700_000_000_000,
  };
  const sealed = (message: object, key: CryptoKey = noticeKey) =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(message)))
      .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
      .encrypt(key);
  const send = (jwe: string, key = id) =>
    post("/v1/privacy-notices", { store: "n-1", jwe }, { "idempotency-key": key });
  const kept = async () =>
    (await room.fetch("/v1/privacy-notices/n-1", { headers: { authorization: "Bearer the-key" } })).json();

  test("is opened with the retailer's key, kept once and acknowledged alike however often it comes", async () => {
    const jwe = await sealed(correction);
    const first = await send(jwe);
    expect(first.status).toBe(200);
    expect(first.body["acknowledgement"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(await send(jwe)).toEqual(first);
    expect(await kept()).toEqual({ notices: [correction] });
  });

  test("that was sealed to another, says something else or comes under another key is refused and not kept", async () => {
    const { publicKey } = await generateKeyPair("ECDH-ES", { crv: "P-256" });
    for (const jwe of [await sealed(correction, publicKey), await sealed({ ...correction, more: 1 }), "a.b.c"])
      expect(await send(jwe)).toMatchObject({ status: 422 });
    expect(await send(await sealed(correction), "another-key")).toMatchObject({ status: 422 });
    expect(await kept()).toEqual({ notices: [correction] });
  });
});
