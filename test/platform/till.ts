import type { CartAnswers } from "../../protocol/cart/messages.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import type { Reply } from "../../tools/cart/reply.ts";
import type { Behaviour, Operation } from "../../tools/simulators/processor/behaviour.ts";
import { TEST_CARDS, type TestCard } from "../../tools/terminal/test-cards.ts";
import type { Place } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";

/** A payment in the simulated acquirer's books. */
export interface BookedPayment {
  readonly reference: string;
  readonly state: string;
  readonly requested_minor: number;
  readonly authorized_minor: number;
  readonly captures: number;
  readonly captured_minor: number;
  readonly refunded_minor: number;
}

async function processor(place: Place, path: string, body?: object): Promise<unknown> {
  const response = await fetch(new URL(path, place.origins.processor), {
    headers: {
      authorization: `Bearer ${place.keys.secrets["PROCESSOR_KEY"] ?? ""}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the processor refuses ${path}: ${response.status}`);
  return response.json();
}

/** Makes the processor misbehave once, for one hand-off. */
export async function arm(place: Place, handoff: string, behaviour: Behaviour, on: Operation = "payment") {
  await processor(place, "/v1/behaviours", { handoff, behaviour, on });
}

/** What the processor's books say of a hand-off. */
export async function booked(place: Place, handoff: string): Promise<readonly BookedPayment[]> {
  const found = await processor(place, `/v1/payments?handoff=${handoff}`);
  return (found as { payments: readonly BookedPayment[] }).payments;
}

export interface Paid {
  readonly handoff: string;
  readonly terminal: "approved" | "declined" | "unknown";
  /** The last answer that the cart got. */
  readonly answer: CartAnswers["payment"];
  readonly totalMinor: number;
}

export interface Till {
  readonly place: Place;
  readonly around: Surroundings;
  readonly card?: TestCard;
  /** How the processor misbehaves on this payment. */
  readonly misbehave?: readonly (readonly [Behaviour, Operation])[];
}

const ASK_TIMES = 80;

/** Checkout, terminal, and the cart's questions until the answer is final. */
export async function payOnce(cart: CartClient, { place, around, card, misbehave = [] }: Till): Promise<Paid> {
  const { handoff, amount, basketDigest } = taken("checkout", await cart.checkout(around.terminalId));
  for (const [behaviour, on] of misbehave) await arm(place, handoff, behaviour, on);
  const terminal = await around.terminal.pay({
    handoff,
    amount: amount.minor,
    currency: amount.currency,
    card: card ?? TEST_CARDS.visa,
  });
  for (let asked = 1; ; asked += 1) {
    const answer = taken("payment", await cart.payment(handoff, terminal.reference ?? "none", basketDigest));
    const settled = answer.outcome === "declined" || answer.receipt !== null;
    if (settled) return { handoff, terminal: terminal.outcome, answer, totalMinor: amount.minor };
    if (asked === ASK_TIMES) throw new Error(`${handoff} is ${answer.outcome} still`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The value of an answer that must not be a refusal. */
export function taken<T>(step: string, reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${step}: ${reply.reason} (HTTP ${reply.status})`);
  return reply.value;
}
