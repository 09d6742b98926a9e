import { createHash } from "node:crypto";
import { compactVerify, importJWK, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CARD_STATEMENT_LIFE_SECONDS,
  CARD_STATEMENT_TYPE,
  type CardReferenceAnswer,
  type CardStatement,
  type TokenizeAnswer,
} from "../../../protocol/pay/contract.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(() => pay.stop());

const card = { pan: TEST_CARDS.visa.pan, exp: TEST_CARDS.visa.exp, cvv: TEST_CARDS.visa.cvv };

async function byForm(key: string = crypto.randomUUID()): Promise<TokenizeAnswer> {
  const response = await pay.tokenizeByForm(card, key);
  expect(response.status).toBe(201);
  return (await response.json()) as TokenizeAnswer;
}

async function opened({ statement = "" }: TokenizeAnswer) {
  const jwk = JSON.parse(pay.keys.forwarder["CDE_VERIFICATION_JWK"] ?? "") as JWK;
  const { payload, protectedHeader } = await compactVerify(statement, await importJWK(jwk, "ES256"));
  return { claims: JSON.parse(new TextDecoder().decode(payload)) as CardStatement, header: protectedHeader };
}

describe("a card statement", () => {
  it("names the token by its hash, the cell's identity room, and what may be shown", async () => {
    const answer = await byForm();
    const { claims, header } = await opened(answer);
    expect(header).toEqual({ alg: "ES256", typ: CARD_STATEMENT_TYPE });
    expect(claims).toMatchObject({
      aud: "identity/eu",
      token_hash: createHash("sha256").update(answer.token).digest("base64url"),
      scheme: "visa",
      last4: "4242",
      exp_month: 12,
      exp_year: 2034,
    });
    expect(claims.exp - claims.iat).toBe(CARD_STATEMENT_LIFE_SECONDS);
    expect(Math.abs(claims.iat * 1000 - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(claims)).not.toContain(card.pan.slice(0, 6));
  });

  it("has the reference that a tap of the same card has", async () => {
    const tap = await pay.tokenize({ pan: card.pan, exp: card.exp, store: STORE }, crypto.randomUUID());
    const { token } = (await tap.json()) as TokenizeAnswer;
    const asked = await pay.post<CardReferenceAnswer>("/v1/card-references", null, { token, cell: "eu", store: STORE });
    expect((await opened(await byForm())).claims.reference).toBe(asked.body.reference);
  });

  it("is the same for a repeat, and is given to no reader vendor", async () => {
    const key = crypto.randomUUID();
    expect(await byForm(key)).toEqual(await byForm(key));
    const tap = await pay.tokenize({ pan: card.pan, exp: card.exp, store: STORE }, crypto.randomUUID());
    expect(await tap.json()).not.toHaveProperty("statement");
  });
});

describe("the card form's limit", () => {
  it("stops one address after 120 calls in a minute, says when to try again, and no other address", async () => {
    const call = (from: string) =>
      pay.cde.fetch("/v1/payments/tokenize", {
        method: "POST",
        headers: {
          "content-type": "application/jose",
          "idempotency-key": crypto.randomUUID(),
          "cf-connecting-ip": from,
        },
        body: "a.b.c.d.e",
      });
    // More than two windows' worth: a minute may end in between.
    const answers = await Promise.all(Array.from({ length: 250 }, () => call("192.0.2.1")));
    const stopped = answers.filter(({ status }) => status === 429);
    expect(stopped.length).toBeGreaterThanOrEqual(1);
    expect(answers.length - stopped.length).toBeLessThanOrEqual(240);
    expect(stopped[0]?.headers.get("retry-after")).toBe("60");
    expect(await stopped[0]?.json()).toEqual({
      type: "about:blank",
      title: "Too many requests",
      status: 429,
      code: "too_many_requests",
    });
    expect((await call("192.0.2.2")).status).toBe(400);
  });
});
