import { CompactEncrypt, importJWK, type JWK } from "jose";
import { switchOn, around, type Place } from "../trip/party.ts";
import { shop } from "../trip/shopper.ts";
import type { Basket } from "../trip/baskets.ts";
import { ReaderVendor } from "../terminal/reader-vendor.ts";
import { TEST_CARDS, type TestCard } from "../terminal/test-cards.ts";
import { tryApp } from "./attempts/app.ts";
import type { Attempt } from "./attempts/attempt.ts";
import { tryCart } from "./attempts/cart.ts";
import { tryOps } from "./attempts/ops.ts";
import { tryPay } from "./attempts/pay.ts";

export const KNOWN_PANS: readonly string[] = Object.values(TEST_CARDS).map(({ pan }) => pan);
/** Its first six and its last four digits tell nothing of the six between. */
const { visaDebit: SENT } = TEST_CARDS;

export interface Exercised {
  readonly tokens: number;
  readonly trips: number;
  readonly attempts: readonly Attempt[];
}

/**
 * A full run with known test cards: every card tokenized by the reader vendor in JSON and by a card form in a JWE,
 * trips identified by card and paid with it, and a card number sent to every door that must refuse it.
 */
export async function exercise(place: Place, basket: Basket, say: (step: string) => void): Promise<Exercised> {
  const { keys, origins, store } = place;
  const reader = new ReaderVendor({ payOrigin: origins.pay, clientKey: keys.outside.readerVendorJwk });
  const cards: readonly TestCard[] = Object.values(TEST_CARDS);
  let tokens = 0;
  for (const { pan, exp, cvv } of cards) {
    say(`tokenizing ${pan.slice(0, 6)}…${pan.slice(-4)}`);
    await reader.tokenize({ pan, exp, cvv, use: "payment" }, crypto.randomUUID());
    await reader.tap({ pan, exp }, store.store);
    await tokenizeAsForm(origins.pay, { pan, exp, cvv });
    tokens += 3;
  }
  const paying = [TEST_CARDS.visaDebit, TEST_CARDS.amex, TEST_CARDS.jcb];
  for (const [index, card] of paying.entries()) {
    say(`a trip identified and paid by ${card.pan.slice(0, 6)}…${card.pan.slice(-4)}`);
    const trip = await shop(await switchOn(place, index), basket, "card", {
      ...(await around(place, index, false)),
      card,
    });
    if (!trip.paid) throw new Error("a trip was not paid");
  }
  const attempts: Attempt[] = [];
  say("card numbers at the cart's door");
  attempts.push(...(await tryCart(place, paying.length, SENT.pan)));
  say("card numbers at the app's door");
  attempts.push(...(await tryApp(place, SENT.pan)));
  say("card numbers at the ops door");
  attempts.push(...(await tryOps(place, SENT.pan)));
  say("card numbers in refused calls of the pay origin");
  attempts.push(...(await tryPay(place, SENT.pan)));
  return { tokens, trips: paying.length, attempts };
}

async function tokenizeAsForm(payOrigin: string, card: TestCard): Promise<void> {
  const response = await fetch(`${payOrigin}/v1/jwks.json`, { signal: AbortSignal.timeout(10_000) });
  const { keys } = (await response.json()) as { keys: JWK[] };
  const [jwk = {}] = keys;
  const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify({ ...card, use: "payment" })))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) })
    .encrypt(await importJWK(jwk, "ECDH-ES"));
  const answer = await fetch(`${payOrigin}/v1/payments/tokenize`, {
    method: "POST",
    headers: { "content-type": "application/jose", "idempotency-key": crypto.randomUUID() },
    body: jwe,
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status !== 201) throw new Error(`the pay origin refuses a card form: ${answer.status}`);
}
