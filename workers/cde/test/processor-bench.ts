import { PROCESSOR_TIMEOUT_MS, egressTo, network } from "../egress.ts";
import { EXPONENT, type Money } from "../../../protocol/money/money.ts";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { startStripeMock } from "../../../tools/stripe-mock/server.ts";
import { StripeTerminalSide } from "../../../tools/stripe-mock/terminal-side.ts";
import { httpDoor } from "../../../tools/terminal/http-door.ts";
import { Terminal } from "../../../tools/terminal/terminal.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { STRIPE_EXPONENT } from "../processor/stripe-currency.ts";
import { stripeClient } from "../processor/stripe-client.ts";
import { stripeProcessor } from "../processor/stripe.ts";
import { simulatorProcessor } from "../processor/simulator.ts";
import { toProcessor } from "../processor/exponent.ts";
import type { Processor } from "../processor/processor.ts";

export type BadDay = "decline" | "partial" | "duplicate" | "time_out" | "lose_answer";
export type On = "payment" | "status" | "capture" | "void" | "refund";

/** What the processor's own books say of one payment. */
export interface Booked {
  readonly reference: string;
  readonly captures: number;
  /** In the processor's smallest unit. */
  readonly captured: number;
  readonly refunded: number;
}

/** A processor with its simulated outside: the terminal that pays, the books, and bad days to order. */
export interface Bench {
  readonly processor: Processor;
  pay(handoff: string, amount: Money, terminal?: string, store?: string): Promise<void>;
  arm(handoff: string, on: On, badDay: BadDay): Promise<void>;
  books(handoff: string): Promise<Booked[]>;
  stop(): Promise<void>;
}

const KEY = "processor-key-of-a-test";

export async function simulatorBench(): Promise<Bench> {
  const room = await startRoom("processor", { secrets: { PROCESSOR_KEY: KEY } });
  const door = await httpDoor((path, init) => room.fetch(path, init));
  const authorization = `Bearer ${KEY}`;
  return {
    processor: simulatorProcessor(egressTo(door.origin, network), KEY),
    async pay(handoff, amount, terminal = "T-1", store = "eu-demo") {
      const options = { processorOrigin: door.origin, key: KEY, terminal, store, timeoutMs: PROCESSOR_TIMEOUT_MS };
      const { minor, currency } = amount;
      await new Terminal(options).pay({ handoff, amount: minor, currency, card: TEST_CARDS.mastercard });
    },
    async arm(handoff, on, behaviour) {
      const body = JSON.stringify({ handoff, on, behaviour });
      const answer = await room.fetch("/v1/behaviours", { method: "POST", headers: { authorization }, body });
      if (answer.status !== 201) throw new Error(`not armed: ${answer.status}`);
    },
    async books(handoff) {
      const answer = await room.fetch(`/v1/payments?handoff=${handoff}`, { headers: { authorization } });
      const { payments } = (await answer.json()) as {
        payments: { reference: string; captures: number; captured_minor: number; refunded_minor: number }[];
      };
      return payments.map((each) => ({
        reference: each.reference,
        captures: each.captures,
        captured: each.captured_minor,
        refunded: each.refunded_minor,
      }));
    },
    async stop() {
      await door.close();
      await room.stop();
    },
  };
}

export const STRIPE_TEST_KEY = "sk_test_notASecretOfAnybody";

export async function stripeBench(): Promise<Bench> {
  const mock = await startStripeMock(STRIPE_TEST_KEY);
  const terminals = new StripeTerminalSide(STRIPE_TEST_KEY, mock.origin);
  const client = stripeClient(STRIPE_TEST_KEY, mock.origin, egressTo(mock.origin, network));
  return {
    processor: stripeProcessor(client),
    async pay(handoff, amount, terminal = "T-1", store = "eu-demo") {
      const order = { handoff, terminal, store, currency: amount.currency.toLowerCase() };
      await terminals.pay({ ...order, amount: toProcessor(amount, { ...EXPONENT, ...STRIPE_EXPONENT }) });
    },
    async arm(handoff, on, badDay) {
      mock.books.arm(handoff, on, badDay);
    },
    async books(handoff) {
      return mock.books.intents
        .filter((each) => each.metadata["handoff"] === handoff)
        .map((each) => ({
          reference: each.id,
          captures: each.captures,
          captured: each.received,
          refunded: mock.books.refunded(each.id),
        }));
    },
    stop: () => mock.close(),
  };
}
