import { CompactEncrypt, importJWK, type JWK } from "jose";
import { checkDigit } from "../../protocol/gtin/gtin.ts";
import type { TokenizeAnswer } from "../../protocol/pay/contract.ts";
import type { PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import { Person } from "../person/client.ts";
import { TEST_CARDS, type TestCard } from "../terminal/test-cards.ts";
import { around, switchOn, type Place } from "../trip/party.ts";
import { shop } from "../trip/shopper.ts";

/** Somebody who exists for one run: every word of theirs is found nowhere else. */
export interface Somebody {
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly nickname: string;
  readonly loyalty: string;
  readonly card: TestCard;
}

const CARDS = [TEST_CARDS.mastercard, TEST_CARDS.jcb, TEST_CARDS.discover] as const;

/** @param run six digits that no other run has */
export function someone(run: string, i: number): Somebody {
  const digits = `98291${run}${i}`;
  return {
    username: `drill-${run}-${i}`,
    email: `drill-${run}-${i}@example.org`,
    name: `Drillperson ${run} Nr ${i}`,
    phone: `+4930${run}${i}0`,
    address: `Drillweg ${i}, ${run} Drillstadt`,
    nickname: `Dr-${run}-${i}`,
    loyalty: `${digits}${checkDigit(digits)}`,
    card: CARDS[i % CARDS.length] ?? TEST_CARDS.mastercard,
  };
}

/** What leads to somebody, for the search: all that they are called and reached by. */
export interface Lived {
  readonly who: Somebody;
  readonly person: Person;
  /** The card form's token of their payment method. */
  readonly token: string;
  /** Everything to search for. */
  readonly words: readonly string[];
  /** Sessions of their paid trips. */
  readonly sessions: readonly string[];
}

/**
 * An account with every field filled in, a loyalty number, a card, and a paid trip with each: by number, by phone, by card.
 * @throws Error when the cell refuses what it takes from anybody
 */
export async function live(place: Place, who: Somebody, codes: readonly string[], cartIndex: number): Promise<Lived> {
  const { username, email, name, phone, address, nickname, loyalty, card } = who;
  const { api, issuer, pay } = place.origins;
  const person = new Person({ apiOrigin: api, issuerOrigin: issuer, username, email, name });
  await person.signIn();
  await person.patch({ phone, address, nickname });
  await person.addLoyaltyCard(loyalty);
  const form = await byForm(pay, card);
  await person.addPaymentMethod(form);
  const cart = await switchOn(place, cartIndex);
  const here = { ...(await around(place, cartIndex, false)), loyalty, person, card };
  const sessions: string[] = [];
  for (const way of ["loyalty", "app", "card"] as const) {
    const trip = await shop(cart, codes.slice(0, 2), way, here);
    if (!trip.paid || !trip.linked) throw new Error(`${username}'s trip by ${way} was not paid and linked`);
    sessions.push(trip.session);
  }
  return {
    who,
    person,
    token: form.token,
    words: [
      subjectOf(await accessToken(place, who)),
      username,
      email,
      name,
      phone,
      address,
      nickname,
      loyalty,
      form.token,
    ],
    sessions,
  };
}

/** Who the identity provider says it is. */
function subjectOf(token: string): string {
  const [, payload = ""] = token.split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly sub: string }).sub;
}

/** What the card form hands to the app. */
async function byForm(
  pay: string,
  { pan, exp, cvv }: TestCard,
): Promise<{ readonly token: string; readonly statement: string }> {
  const { keys } = (await (await fetch(`${pay}/v1/jwks.json`)).json()) as { keys: JWK[] };
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify({ pan, exp, cvv })))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
    .encrypt(await importJWK(keys[0] ?? {}, "ECDH-ES"));
  const response = await fetch(`${pay}/v1/payments/tokenize`, {
    method: "POST",
    headers: { "content-type": "application/jose", "idempotency-key": crypto.randomUUID() },
    body: sealed,
  });
  if (response.status !== 201) throw new Error(`the card form's call was refused: ${response.status}`);
  const { token, statement = "" } = (await response.json()) as TokenizeAnswer;
  return { token, statement };
}

/** An access token as the app of this person has one. */
export async function accessToken(place: Place, { username, email, name }: Somebody): Promise<string> {
  const response = await fetch(`${place.origins.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ username, email, name }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** How often the request's state is asked, and the pause between: a minute together. */
const ASK_TIMES = 240;
const ASK_PAUSE_MS = 250;

/** Asks for erasure as the app does, and waits for its end. @returns the request as its owner sees it then */
export async function eraseAsOwner(place: Place, token: string): Promise<PrivacyStatus> {
  const authorization = `Bearer ${token}`;
  const asked = await fetch(`${place.origins.api}/v1/me`, { method: "DELETE", headers: { authorization } });
  if (asked.status !== 202) throw new Error(`erasure was not taken: ${asked.status} ${await asked.text()}`);
  let status = (await asked.json()) as PrivacyStatus;
  for (let i = 0; i < ASK_TIMES && status.state !== "done"; i++) {
    await new Promise((resolve) => setTimeout(resolve, ASK_PAUSE_MS));
    const read = await fetch(`${place.origins.api}/v1/me/privacy-requests/${status.request}`, {
      headers: { authorization },
    });
    if (read.status === 200) status = (await read.json()) as PrivacyStatus;
    else if (read.status !== 503 && read.status !== 429) throw new Error(`the request can't be read: ${read.status}`);
  }
  if (status.state !== "done") throw new Error(`the erasure is ${status.state}: ${JSON.stringify(status.steps)}`);
  return status;
}
