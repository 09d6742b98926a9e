import { createHash } from "node:crypto";
import { SignJWT, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CardReferenceAnswer, TokenizeAnswer } from "../../../protocol/pay/contract.ts";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE, cdeKeys } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(async () => {
  await pay.stop();
});

const key = () => crypto.randomUUID();
const tap = { pan: TEST_CARDS.visa.pan, exp: "12/34", store: STORE };
const codeOf = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { code?: string }).code,
});
const reference = (token: string, cell = "eu", store: string = STORE) =>
  pay.post<CardReferenceAnswer>("/v1/card-references", null, { token, cell, store });

describe("tokenizing for a reader vendor", () => {
  it("answers a 24-character token with what may be shown of the card", async () => {
    const response = await pay.tokenize(tap, key());
    expect(response.status).toBe(201);
    const answer = (await response.json()) as TokenizeAnswer;
    expect(answer).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9]{24}$/) as string,
      scheme: "visa",
      last4: "4242",
      exp_month: 12,
      exp_year: 2034,
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("gives the same answer for the same key and body, and refuses the key for another body", async () => {
    const once = key();
    const first = await (await pay.tokenize(tap, once)).json();
    expect(await (await pay.tokenize(tap, once)).json()).toEqual(first);
    const other = await pay.tokenize({ ...tap, pan: TEST_CARDS.mastercard.pan }, once);
    expect(await codeOf(other)).toEqual({ status: 422, code: "idempotency_mismatch" });
    expect(await codeOf(await pay.tokenize({ ...tap, store: "eu-other" }, once))).toMatchObject({ status: 422 });
  });

  it("makes one token of twenty equal calls at the same time", async () => {
    const once = key();
    const card = { ...tap, pan: TEST_CARDS.discover.pan };
    const before = (await pay.rows("SELECT digest FROM tokens")).length;
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await pay.tokenize(card, once);
        return `${response.status} ${((await response.json()) as TokenizeAnswer).token}`;
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect((await pay.rows("SELECT digest FROM tokens")).length).toBe(before + 1);
  });

  it("stores a card once, however many tokens it gets", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const response = await pay.tokenize({ ...tap, pan: TEST_CARDS.jcb.pan }, key());
        return ((await response.json()) as TokenizeAnswer).token;
      }),
    );
    expect(new Set(tokens).size).toBe(5);
    expect(await pay.rows("SELECT fingerprint FROM cards WHERE scheme = 'jcb'")).toHaveLength(1);
  });

  it.each([
    ["a wrong check digit", { ...tap, pan: "4242424242424241" }, "card_number"],
    ["a retired 13-digit Visa", { ...tap, pan: "4222222222222" }, "card_number"],
    ["an unknown scheme", { ...tap, pan: "9999999999999995" }, "card_scheme"],
    ["a past expiry", { ...tap, exp: "01/20" }, "card_expiry"],
    ["a CVV of two digits", { ...tap, cvv: "12" }, "card_cvv"],
    ["identify without a store", { pan: tap.pan, exp: tap.exp, use: "identify" }, "store"],
    ["an unknown use", { ...tap, use: "spend" }, "use"],
  ])("refuses %s with its code and echoes nothing", async (_what, body, code) => {
    const response = await pay.tokenize(body, key());
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(text)).toMatchObject({ code });
    expect(text).not.toContain(body.pan);
  });

  it("refuses an unknown member, a body that is no JSON, a missing key and an oversized body", async () => {
    expect(await codeOf(await pay.tokenize({ ...tap, track2: "x" }, key()))).toEqual({
      status: 400,
      code: "malformed",
    });
    expect(await codeOf(await pay.tokenize("nonsense", key()))).toMatchObject({ code: "malformed" });
    expect(await codeOf(await pay.tokenize(tap, null))).toEqual({ status: 400, code: "idempotency_key" });
    expect(await codeOf(await pay.tokenize({ ...tap, pan: "4".repeat(9_000) }, key()))).toMatchObject({ status: 413 });
  });
});

describe("the reader vendor's client key", () => {
  const assertion = async (change: { claims?: object; aud?: string; seconds?: number; alg?: "ES256" }) => {
    const signer = await importJWK(pay.keys.readerVendor, "ES256");
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: "reader-vendor", sub: "reader-vendor", jti: crypto.randomUUID(), ...change.claims })
      .setProtectedHeader({ alg: "ES256" })
      .setAudience(change.aud ?? pay.door.origin)
      .setExpirationTime(now + (change.seconds ?? 55))
      .sign(signer);
  };

  it("is accepted for the origin and for the path", async () => {
    for (const aud of [pay.door.origin, `${pay.door.origin}/v1/payments/tokenize`])
      expect((await pay.tokenize(tap, key(), await assertion({ aud }))).status).toBe(201);
  });

  it("lets an assertion pass once, even when it is sent twice at the same time", async () => {
    const once = await assertion({});
    const statuses = await Promise.all([pay.tokenize(tap, key(), once), pay.tokenize(tap, key(), once)]);
    expect(statuses.map((each) => String(each.status)).sort()).toEqual(["201", "401"]);
  });

  it.each([
    ["of another issuer", { claims: { iss: "somebody" } }],
    ["of another subject", { claims: { sub: "somebody" } }],
    ["without a jti", { claims: { jti: undefined } }],
    ["for another audience", { aud: "https://elsewhere.example" }],
    ["that has ended", { seconds: -30 }],
    ["that lives too long", { seconds: 600 }],
  ])("refuses an assertion %s", async (_what, change) => {
    expect(await codeOf(await pay.tokenize(tap, key(), await assertion(change)))).toEqual({
      status: 401,
      code: "client_auth",
    });
  });

  it("refuses another key's assertion, and none", async () => {
    const stranger = (await cdeKeys()).readerVendor;
    const forged = await new SignJWT({ iss: "reader-vendor", sub: "reader-vendor", jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "ES256" })
      .setAudience(pay.door.origin)
      .setExpirationTime("50s")
      .sign(await importJWK(stranger, "ES256"));
    expect((await pay.tokenize(tap, key(), forged)).status).toBe(401);
    const bare = await pay.cde.fetch("/v1/payments/tokenize", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key() },
      body: JSON.stringify(tap),
    });
    expect(await codeOf(bare)).toEqual({ status: 401, code: "client_auth" });
  });
});

describe("tokenizing by an encrypted form", () => {
  const card = { pan: TEST_CARDS.amex.pan, exp: TEST_CARDS.amex.exp, cvv: TEST_CARDS.amex.cvv };

  it("publishes the public key only", async () => {
    const { keys } = (await (await pay.cde.fetch("/v1/jwks.json")).json()) as { keys: object[] };
    expect(keys).toEqual([expect.objectContaining({ kty: "EC", crv: "P-256", use: "enc", alg: "ECDH-ES" })]);
    expect(keys[0]).not.toHaveProperty("d");
  });

  it("gives a payment token that identifies nobody", async () => {
    const response = await pay.tokenizeByForm(card, key());
    expect(response.status).toBe(201);
    const { token } = (await response.json()) as TokenizeAnswer;
    expect((await reference(token)).status).toBe(404);
  });

  it("recognises the same request although every ciphertext differs", async () => {
    const once = key();
    const first = await (await pay.tokenizeByForm(card, once)).json();
    expect(await (await pay.tokenizeByForm(card, once)).json()).toEqual(first);
  });

  it("may neither identify nor name a store", async () => {
    expect(await codeOf(await pay.tokenizeByForm({ ...card, use: "identify", store: STORE }, key()))).toEqual({
      status: 422,
      code: "use",
    });
    expect(await codeOf(await pay.tokenizeByForm({ ...card, use: "payment", store: STORE }, key()))).toEqual({
      status: 422,
      code: "store",
    });
  });

  it("refuses what does not open, and an envelope of the forwarder", async () => {
    const post = (body: string) =>
      pay.cde.fetch("/v1/payments/tokenize", {
        method: "POST",
        headers: { "content-type": "application/jose", "idempotency-key": key() },
        body,
      });
    expect(await codeOf(await post("a.b.c.d.e"))).toEqual({ status: 400, code: "malformed" });
    const { sealed } = await pay.seal("/v1/payments/tokenize", null, card);
    expect(await codeOf(await post(sealed))).toEqual({ status: 400, code: "malformed" });
  });

  it("is limited in its rate, and says when to come again", async () => {
    const statuses = new Set<number>();
    let last: Response | undefined;
    for (let i = 0; i < 130 && !statuses.has(429); i++) {
      last = await pay.cde.fetch("/v1/payments/tokenize", {
        method: "POST",
        headers: { "content-type": "application/jose", "idempotency-key": key(), "cf-connecting-ip": "192.0.2.7" },
        body: "x",
      });
      statuses.add(last.status);
    }
    expect([...statuses]).toEqual([400, 429]);
    expect(last?.headers.get("retry-after")).toBe("60");
  });
});

describe("the reference behind a token", () => {
  const tokenOf = async (body: object) => ((await (await pay.tokenize(body, key())).json()) as TokenizeAnswer).token;

  it("is the same for every tap of a card, and another for another card", async () => {
    const [first, second, other] = [
      await tokenOf(tap),
      await tokenOf(tap),
      await tokenOf({ ...tap, pan: TEST_CARDS.mastercard2.pan }),
    ];
    const known = (await reference(first)).body.reference;
    expect(known).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await reference(second)).body.reference).toBe(known);
    expect((await reference(other)).body.reference).not.toBe(known);
  });

  it("is refused with the same bytes for an unknown, expired, foreign or paying token", async () => {
    const good = await tokenOf(tap);
    const old = await tokenOf(tap);
    const paying = await tokenOf({ pan: tap.pan, exp: tap.exp, use: "payment" });
    const database = await pay.cde.miniflare.getD1Database("VAULT", pay.cde.worker);
    const newest = "SELECT digest FROM tokens WHERE use = 'identify' ORDER BY created DESC, rowid DESC LIMIT 1";
    await database.prepare(`UPDATE tokens SET expires = 1 WHERE digest = (${newest})`).run();
    const refusals = [
      await reference("A".repeat(24)),
      await reference("not a token"),
      await reference(good, "us"),
      await reference(good, "eu", "eu-other"),
      await reference(paying),
      await reference(old),
    ];
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(refusals[0]).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect((await reference(good)).status).toBe(200);
  });

  it("leaves a line in the access log for each look, granted or refused", async () => {
    const count = async () => (await pay.rows("SELECT id FROM access_log WHERE act = 'card_reference'")).length;
    const before = await count();
    await reference(await tokenOf(tap));
    await reference("B".repeat(24));
    expect(await count()).toBe(before + 2);
  });
});

describe("the vault at rest", () => {
  it("purges what has expired, and the card number with its last token", async () => {
    const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
    await pay.tokenize({ ...tap, pan: TEST_CARDS.unionpay.pan }, key());
    const later = new Date(Date.now() + 2 * 86_400_000);
    await worker.scheduled({ cron: "17 * * * *", scheduledTime: later });
    expect(await pay.rows("SELECT digest FROM tokens")).toEqual([]);
    expect(await pay.rows("SELECT id FROM idempotency")).toEqual([]);
    expect(await pay.rows("SELECT id FROM used_jti")).toEqual([]);
    const kept = await pay.rows("SELECT pan, key_version FROM cards WHERE scheme = 'unionpay'");
    expect(kept).toEqual([{ pan: null, key_version: null }]);
    await pay.tokenize({ ...tap, pan: TEST_CARDS.unionpay.pan }, key());
    expect((await pay.rows("SELECT pan FROM cards WHERE scheme = 'unionpay'"))[0]?.["pan"]).not.toBeNull();
  });

  it("refuses to answer from a ciphertext that was moved, and logs it", async () => {
    const [first, second] = [key(), key()];
    const isOne = async (once: string, pan: string) => (await pay.tokenize({ ...tap, pan }, once)).status;
    expect(await isOne(first, TEST_CARDS.visa.pan)).toBe(201);
    const mine = (await pay.rows("SELECT id FROM idempotency ORDER BY rowid DESC LIMIT 1"))[0]?.["id"];
    expect(await isOne(second, TEST_CARDS.diners.pan)).toBe(201);
    const other = (await pay.rows("SELECT id FROM idempotency ORDER BY rowid DESC LIMIT 1"))[0]?.["id"];
    const database = await pay.cde.miniflare.getD1Database("VAULT", pay.cde.worker);
    await database
      .prepare("UPDATE idempotency SET answer = (SELECT answer FROM idempotency WHERE id = ?) WHERE id = ?")
      .bind(other, mine)
      .run();
    const response = await pay.tokenize(tap, first);
    expect(await codeOf(response)).toEqual({ status: 503, code: "vault_integrity" });
    expect(await pay.rows(`SELECT outcome FROM access_log WHERE object = '${String(mine)}'`)).toEqual([
      { outcome: "tampered" },
    ]);
  });

  it("holds no card number, no CVV and no plain hash of either on disk", async () => {
    const cards = Object.values(TEST_CARDS);
    for (const card of cards) {
      expect((await pay.tokenizeByForm(card, key())).status).toBe(201);
      expect((await pay.tokenize({ pan: card.pan, exp: card.exp, store: STORE }, key())).status).toBe(201);
    }
    await pay.tokenize({ pan: TEST_CARDS.visa.pan, exp: "12/34", cvv: "8642", use: "payment" }, key());
    const texts = (
      await pay.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
    )
      .map((row) => String(row["name"]))
      .filter((name) => !name.startsWith("sqlite") && !name.startsWith("d1"));
    const contents = await Promise.all(texts.map((name) => pay.rows(`SELECT * FROM ${name}`)));
    const columns = contents.flat().flatMap((row) => Object.values(row).map(String));
    expect(columns).not.toContain("8642");
    await pay.cde.stop();
    const bytes = pay.bytesOnDisk();
    expect(bytes).toContain("idempotency");
    for (const { pan } of cards) {
      expect(bytes).not.toContain(pan);
      for (const algorithm of ["md5", "sha1", "sha256", "sha512"]) {
        const digest = createHash(algorithm).update(pan).digest();
        for (const form of ["hex", "base64", "base64url", "latin1"] as const)
          expect(bytes.includes(digest.toString(form))).toBe(false);
      }
    }
    await pay.startAgain();
  });

  it("still knows its cards after a restart", async () => {
    const once = key();
    const first = (await (await pay.tokenize(tap, once)).json()) as TokenizeAnswer;
    const known = (await reference(first.token)).body.reference;
    await pay.restart();
    expect(await (await pay.tokenize(tap, once)).json()).toEqual(first);
    expect((await reference(first.token)).body.reference).toBe(known);
  });
});

describe("a CDE that is not whole", () => {
  it.each([
    ["KEK_SHARE_A", "", "KEK_SHARE_A is missing (share A)"],
    ["KEK_SHARE_B", "", "KEK_SHARE_B is missing (share B)"],
    ["KEK_SHARE_B", "c2hvcnQ=", "KEK_SHARE_B is not 32 bytes (share B)"],
    ["CDE_SIGNING_JWK", "", "CDE_SIGNING_JWK is missing"],
    ["READER_VENDOR_JWK", "{}", "READER_VENDOR_JWK is unusable"],
  ])("serves nothing when %s is %j, and says so", async (name, value, detail) => {
    const { secrets } = await cdeKeys();
    const vars = { PAY_ORIGIN: "http://127.0.0.1:1", PROCESSOR_ORIGIN: "http://127.0.0.1:1" };
    const room = await startRoom("cde", { secrets: { ...secrets, [name]: value }, vars });
    try {
      for (const path of ["/v1/jwks.json", "/anything"]) {
        const response = await room.fetch(path);
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({ code: "not_configured", detail });
      }
    } finally {
      await room.stop();
    }
  });

  it("refuses shares that are not the ones its data key was wrapped with", async () => {
    await pay.cde.stop();
    const { KEK_SHARE_A: other = "" } = (await cdeKeys()).secrets;
    const mine = pay.keys.secrets["KEK_SHARE_A"] ?? "";
    pay.keys.secrets["KEK_SHARE_A"] = other;
    await pay.startAgain();
    expect(await codeOf(await pay.tokenize(tap, key()))).toEqual({ status: 503, code: "vault_integrity" });
    pay.keys.secrets["KEK_SHARE_A"] = mine;
    await pay.restart();
    expect((await pay.tokenize(tap, key())).status).toBe(201);
  });
});
