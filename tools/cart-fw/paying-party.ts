import type { HandedOrder, PayingParty } from "../../cart-fw/sim/radio.ts";
import type { TestCard } from "../terminal/test-cards.ts";
import type { Terminal, TerminalOutcome } from "../terminal/terminal.ts";

type Outcome = TerminalOutcome | "cancelled";

/** A terminal and the shopper in front of it, who pays at once with the card that is out, or once one is. */
export class Shopper implements PayingParty {
  readonly #terminals: ReadonlyMap<string, Terminal>;
  /** The card that is held out; null: the terminal waits. */
  readonly #card: TestCard | null;
  /** Tapped before a terminal asked for it. */
  #tapped: TestCard | null = null;
  readonly #waiting = new Map<string, (card: TestCard | "cancelled") => void>();
  /** The terminal pays, and does not learn of it in time: it reports that it does not know. */
  forgetful = false;
  /** Told of each order that a terminal is handed. */
  onOrder: (order: HandedOrder, terminal: string) => void = () => undefined;
  /** Orders that terminals were handed, in order. */
  readonly orders: (HandedOrder & { readonly terminal: string })[] = [];

  constructor(terminals: ReadonlyMap<string, Terminal>, card: TestCard | null) {
    this.#terminals = terminals;
    this.#card = card;
  }

  /** Taps a card once, on the terminal that waits for one or is the next to. */
  tap(card: TestCard): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#tapped = card;
      return;
    }
    this.#waiting.delete(first[0]);
    first[1](card);
  }

  async pay(order: HandedOrder, terminal: string): Promise<Outcome> {
    this.orders.push({ ...order, terminal });
    this.onOrder(order, terminal);
    const out = this.#card ?? this.#tapped;
    this.#tapped = null;
    const card = out ?? (await this.#tapAt(order.handoff));
    if (card === "cancelled") return card;
    const outcome = await this.#at(terminal).pay({ ...order, card });
    return this.forgetful ? { outcome: "unknown", reference: null, amount: null, emv: null } : outcome;
  }

  #tapAt(handoff: string): Promise<TestCard | "cancelled"> {
    return new Promise((resolve) => this.#waiting.set(handoff, resolve));
  }

  async status(handoff: string, terminal: string): Promise<TerminalOutcome | null> {
    return this.#waiting.has(handoff) ? null : this.#at(terminal).status(handoff);
  }

  async cancel(handoff: string, terminal: string): Promise<Outcome> {
    const waiting = this.#waiting.get(handoff);
    if (waiting === undefined) return this.#at(terminal).status(handoff);
    this.#waiting.delete(handoff);
    waiting("cancelled");
    return "cancelled";
  }

  #at(terminal: string): Terminal {
    const found = this.#terminals.get(terminal);
    if (found === undefined) throw new Error(`the store has no terminal ${terminal}`);
    return found;
  }
}
