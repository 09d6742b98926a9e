import type { CartAnswers } from "../../protocol/cart/messages.ts";
import type { CartClient } from "../cart/client.ts";
import { Terminal, type TerminalOutcome } from "../terminal/terminal.ts";
import { TEST_CARDS, type TestCard } from "../terminal/test-cards.ts";
import type { Place } from "../trip/party.ts";
import type { Surroundings } from "../trip/shopper.ts";
import type { TillCase, TripPlan } from "./plan.ts";
import { insist, pause, scanOne, StepFailed } from "./shopping.ts";
import type { World } from "./world.ts";

type Handoff = CartAnswers["checkout"];

/** One hand-off, as the cart saw it. */
export interface Attempt {
  readonly handoff: string;
  readonly outcome: "paid" | "declined" | "dropped" | "left";
  readonly receipt: string | null;
  readonly totalMinor: number;
  /** From the card at the terminal to a final answer on the cart. */
  readonly seconds: number;
  /** The outcome was in doubt for a while: no answer, or none that was final. */
  readonly wasUnknown: boolean;
}

export interface TillParty {
  readonly cart: CartClient;
  readonly around: Surroundings;
  readonly place: Place;
  readonly world: World;
  readonly terminals: readonly string[];
  /** What a shopper scans who goes on shopping. */
  readonly code: string;
  /** The reference of another session's payment. */
  readonly foreign: string;
}

/** Well beyond the hand-off's life and the processor's latest answer. */
const CERTAIN_WITHIN_MS = 120_000;
const ASK_PAUSE_MS = 300;
const TERMINAL_TIMEOUT_MS = 1_500;

/** Checkout, card, and the cart's questions until the answer is final. */
export async function payAtTill(
  party: TillParty,
  plan: Pick<TripPlan, "till" | "faults" | "terminalRepeats">,
  card: TestCard,
): Promise<Attempt> {
  const { cart, world, terminals } = party;
  const [mine = "", other = ""] = terminals;
  const handoff = await insist("checkout", () => cart.checkout(mine));
  for (const [behaviour, on] of plan.faults) await world.arm(handoff.handoff, behaviour, on);
  const begin = performance.now();
  const end = (rest: Pick<Attempt, "outcome" | "receipt" | "wasUnknown">): Attempt => ({
    handoff: handoff.handoff,
    totalMinor: handoff.amount.minor,
    seconds: (performance.now() - begin) / 1000,
    ...rest,
  });
  const taken = await present(party, handoff, plan, card);
  if (plan.till === "walk_away") return end({ outcome: "left", receipt: null, wasUnknown: false });
  if (plan.till === "scan_after_payment") {
    await scanOne(cart, party.code);
    return end({ outcome: "dropped", receipt: null, wasUnknown: false });
  }
  const reference = plan.till === "foreign_reference" ? party.foreign : (taken.reference ?? "none");
  const answer = await untilFinal(party, handoff, reference);
  const attempt = end({ ...answer, wasUnknown: answer.wasUnknown || taken.outcome === "unknown" });
  // No terminal takes up a hand-off that has expired: the hand-off says when.
  if (plan.till === "second_terminal_after" && Date.now() + 200 < handoff.expires) {
    await pause(200);
    await terminal(party, other).pay({ ...orderOf(handoff), card });
  }
  return attempt;
}

async function present(
  party: TillParty,
  handoff: Handoff,
  { till, terminalRepeats }: Pick<TripPlan, "till" | "terminalRepeats">,
  card: TestCard,
): Promise<TerminalOutcome> {
  const [mine = "", other = ""] = party.terminals;
  const order = { ...orderOf(handoff), card };
  const here = terminal(party, mine);
  const at = PRESENTED[till];
  const first = await at(order, here, terminal(party, other), terminal(party, mine, "another-store"));
  if (first.outcome !== "unknown" || !terminalRepeats) return first;
  return till === "one_terminal" ? here.pay(order) : here.status(handoff.handoff);
}

type Order = Parameters<Terminal["pay"]>[0];
type Presented = (order: Order, mine: Terminal, other: Terminal, elsewhere: Terminal) => Promise<TerminalOutcome>;

const once: Presented = (order, mine) => mine.pay(order);

/** What happens with the card, by case. */
const PRESENTED: Readonly<Record<TillCase, Presented>> = {
  one_terminal: once,
  second_terminal_after: once,
  foreign_reference: once,
  scan_after_payment: once,
  walk_away: once,
  double_tap: async (order, mine) => (await Promise.all([mine.pay(order), mine.pay(order)]))[0],
  two_terminals: async (order, mine, other) => (await Promise.all([mine.pay(order), other.pay(order)]))[0],
  wrong_terminal: (order, _mine, other) => other.pay(order),
  wrong_amount: (order, mine) => mine.pay({ ...order, amount: order.amount + 100 }),
  wrong_currency: (order, mine) => mine.pay({ ...order, currency: order.currency === "EUR" ? "USD" : "EUR" }),
  wrong_store: (order, _mine, _other, elsewhere) => elsewhere.pay(order),
};

/** The cart asks until it is told: paid with a receipt, declined, or that the hand-off is no more. */
async function untilFinal(
  { cart }: TillParty,
  handoff: Handoff,
  reference: string,
): Promise<Pick<Attempt, "outcome" | "receipt" | "wasUnknown">> {
  const until = Date.now() + CERTAIN_WITHIN_MS;
  for (let wasUnknown = false; ; wasUnknown = true) {
    let answer: CartAnswers["payment"];
    try {
      answer = await insist("payment", () => cart.payment(handoff.handoff, reference, handoff.basketDigest));
    } catch (error) {
      if (error instanceof StepFailed && error.reason === "state")
        return { outcome: "dropped", receipt: null, wasUnknown };
      throw error;
    }
    if (answer.outcome === "declined") return { outcome: "declined", receipt: null, wasUnknown };
    if (answer.receipt !== null) return { outcome: "paid", receipt: answer.receipt, wasUnknown };
    if (Date.now() > until) throw new StepFailed("payment", `still ${answer.outcome}`);
    await pause(ASK_PAUSE_MS);
  }
}

function terminal({ place, around }: TillParty, id: string, store: string = around.store): Terminal {
  return new Terminal({
    processorOrigin: place.origins.processor,
    key: place.keys.secrets["PROCESSOR_KEY"] ?? "",
    terminal: id,
    store,
    timeoutMs: TERMINAL_TIMEOUT_MS,
  });
}

function orderOf(handoff: Handoff): Omit<Order, "card"> {
  return { handoff: handoff.handoff, amount: handoff.amount.minor, currency: handoff.amount.currency };
}

export const CARDS: readonly TestCard[] = [TEST_CARDS.visa, TEST_CARDS.mastercard, TEST_CARDS.visaDebit];
