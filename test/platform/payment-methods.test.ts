import { CompactEncrypt, importJWK, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TokenizeAnswer } from "../../protocol/pay/contract.ts";
import type { FormToken } from "../../protocol/rooms/identity.ts";
import { Person } from "../../tools/person/client.ts";
import { TEST_CARDS, type TestCard } from "../../tools/terminal/test-cards.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { taken } from "./till.ts";

let platform: CellUnderTest;
beforeAll(async () => {
  platform = await startCellUnderTest("eu");
});
afterAll(() => platform.end());

async function signedIn(username: string): Promise<Person> {
  const { api, issuer } = platform.running.origins;
  const person = new Person({ apiOrigin: api, issuerOrigin: issuer, username });
  await person.signIn();
  return person;
}

/** What the card form hands to the app. */
async function byForm({ pan, exp, cvv }: TestCard): Promise<FormToken> {
  const { pay } = platform.running.origins;
  const { keys } = (await (await fetch(`${pay}/v1/jwks.json`)).json()) as { keys: JWK[] };
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify({ pan, exp, cvv })))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
    .encrypt(await importJWK(keys[0] ?? {}, "ECDH-ES"));
  const response = await fetch(`${pay}/v1/payments/tokenize`, {
    method: "POST",
    headers: { "content-type": "application/jose", "idempotency-key": crypto.randomUUID() },
    body: sealed,
  });
  const { token, statement = "" } = (await response.json()) as TokenizeAnswer;
  return { token, statement };
}

/** A trip whose shopper tapped a card at the start; not yet over. */
async function tapped(index: number, card: TestCard) {
  const cart = await switchOn(platform.place, index);
  const { beacon, reader, store } = await around(platform.place, index, false);
  taken("attestation", await cart.attest(beacon));
  const { session } = taken("open", await cart.open());
  const { token } = await reader.tap(card, store);
  return { cart, session, answer: taken("identity", await cart.identify("card", token)) };
}

describe("a card that was added by the form", () => {
  test("is recognised at the next tap as the account that added it, through the real rooms", async () => {
    const person = await signedIn("card-owner");
    const method = await person.addPaymentMethod(await byForm(TEST_CARDS.mastercard));
    expect(method).toMatchObject({ scheme: "mastercard", last4: "4444", expMonth: 10, expYear: 2032 });
    expect(await person.paymentMethods()).toEqual([method]);
    await person.patch({ nickname: "Robin" });

    const { cart, session, answer } = await tapped(0, TEST_CARDS.mastercard);
    expect(answer).toMatchObject({ status: "linked", nickname: "Robin" });
    expect((await person.session())?.session).toBe(session);
    taken("close", await cart.close());
    expect(await person.session()).toBeNull();
  });

  test("that was tapped before as a stranger's is the account's from then on, and a stranger's again once removed", async () => {
    const before = await tapped(1, TEST_CARDS.jcb);
    taken("close", await before.cart.close());
    const person = await signedIn("late-owner");
    const { id } = await person.addPaymentMethod(await byForm(TEST_CARDS.jcb));
    const owned = await tapped(2, TEST_CARDS.jcb);
    expect((await person.session())?.session).toBe(owned.session);
    taken("close", await owned.cart.close());

    await person.removePaymentMethod(id);
    const after = await tapped(3, TEST_CARDS.jcb);
    expect(after.answer.status).toBe("linked");
    expect(await person.session()).toBeNull();
    taken("close", await after.cart.close());
  });

  test("is refused with half of the statement, another's token, a second account, or the number itself", async () => {
    const [one, two] = [await signedIn("first-owner"), await signedIn("second-owner")];
    const card = await byForm(TEST_CARDS.discover);
    const other = await byForm(TEST_CARDS.discover);
    await expect(one.addPaymentMethod({ ...card, token: other.token })).rejects.toMatchObject({
      code: "invalid_field",
    });
    await expect(one.addPaymentMethod({ ...card, token: TEST_CARDS.discover.pan })).rejects.toMatchObject({
      code: "pan_detected",
    });
    expect(await one.paymentMethods()).toEqual([]);
    await one.addPaymentMethod(card);
    await expect(two.addPaymentMethod(other)).rejects.toMatchObject({ code: "taken" });
    const rows = JSON.stringify(await platform.rows("identity", "PERSONS"));
    for (const secret of [card.token, card.statement, other.token, '"1117"']) expect(rows).not.toContain(secret);
  });
});
