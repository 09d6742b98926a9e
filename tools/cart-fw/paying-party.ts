import type { HandedOrder, PayingParty } from "../../cart-fw/sim/radio.ts";
import type { TestCard } from "../terminal/test-cards.ts";
import type { Terminal, TerminalOutcome } from "../terminal/terminal.ts";

type Outcome = TerminalOutcome | "cancelled";

/** A terminal and the shopper in front of it, who pays at once with the card that is out, or once one is. */
export class Shopper implements PayingParty {
  readonly #terminals: ReadonlyMap<string, Terminal>;
  /** The card that is held out; null: the terminal waits. */
  #card: TestCard | null;
  readonly #waiting = new Map<string, (card: TestCard | "cancelled") => void>();
  /** The terminal pays, and does not learn of it in time: it reports that it does not know. */
  forgetful = false;
  /** Orders that terminals were handed, in order. */
  readonly orders: (HandedOrder & { readonly terminal: string })[] = [];

  constructor(terminals: ReadonlyMap<string, Terminal>, card: TestCard | null) {
    this.#terminals = terminals;
    this.#card = card;
  }

  /** Holds a card to whatever terminal waits for one; null: puts it away. */
  hold(card: TestCard | null): void {
    this.#card = card;
    if (card === null) return;
    for (const resolve of this.#waiting.values()) resolve(card);
    this.#waiting.clear();
  }

  async pay(order: HandedOrder, terminal: string): Promise<Outcome> {
    this.orders.push({ ...order, terminal });
    const card =
      this.#card ?? (await new Promise<TestCard | "cancelled">((resolve) => this.#waiting.set(order.handoff, resolve)));
    if (card === "cancelled") return card;
    const outcome = await this.#at(terminal).pay({ ...order, card });
    return this.forgetful ? { outcome: "unknown", reference: null, amount: null, emv: null } : outcome;
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
