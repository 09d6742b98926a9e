import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decimalText } from "../../protocol/money/format.ts";
import type { Key } from "../../cart-fw/sim/display.ts";
import type { Cell } from "../../protocol/ids.ts";
import type { BasketView } from "../../protocol/rooms/sessions.ts";
import { ROOT } from "../platform/root.ts";
import { TEST_CARDS, type TestCard } from "../terminal/test-cards.ts";
import { readCatalogue } from "../trip/baskets.ts";
import { reasonFor, type Surroundings } from "../trip/shopper.ts";
import type { CartMachine } from "./machine.ts";
import { payAtTerminal } from "./pay-at-terminal.ts";

export const COMMANDS = `  CODE            scan a code                     ok              begin a trip
  card            be known by a card, then tap     cancel          go back
  loyalty         scan your loyalty card           unlink          be nobody again
  pair            scan your phone's code, confirm  call            call for staff
  remove [LINE]   take a line out, or the last     end             leave with nothing
  weigh GRAMS     put so much on the scale         staff           staff come, and clear what is held
  pay             go to the terminal, and pay      tap [CARD]      hold a card out (${Object.keys(TEST_CARDS).slice(0, 3).join(", ")}, …)
  offline         leave coverage                   online          come back
  power           pull the battery, put it back    leave, enter    out of the store, into it
  wait TEXT       until the panel shows it         help            this list
  quit`;

/** Codes of goods that are named as examples. */
const EXAMPLES = 3;

/** Some of what can be scanned in this cell's sample store, and the file that lists all of it. */
export function goodsOf(cell: Cell): string {
  const file = `tools/samples/catalogue-${cell}.csv`;
  const goods = [...readCatalogue(readFileSync(join(ROOT, file), "utf8")).values()].slice(0, EXAMPLES);
  return `Codes of the ${cell} cell, from ${file}:
${goods.map(({ gtin, name }) => `  ${gtin}   ${name}`).join("\n")}`;
}

/** What a person, or a script, does with the cart; one line a deed. */
export class CartConsole {
  readonly #machine: CartMachine;
  readonly #around: Surroundings;
  readonly #say: (line: string) => void;
  readonly #waitMs: number;

  constructor(machine: CartMachine, around: Surroundings, say: (line: string) => void, waitMs: number) {
    this.#machine = machine;
    this.#around = around;
    this.#say = say;
    this.#waitMs = waitMs;
    machine.shopper.onOrder = ({ amount, currency }, terminal) =>
      say(`terminal ${terminal}: ${decimalText({ minor: amount, currency })} ${currency}. Hold a card out: tap`);
  }

  /** @returns false when it was the last line. @throws Error when it can't be done, or a wait was in vain */
  async run(line: string): Promise<boolean> {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    const value = rest.join(" ");
    if (word === "" || word.startsWith("#")) return true;
    if (word === "quit") return false;
    const deed = this.#deeds[word];
    if (deed !== undefined) await deed(value);
    else if (/^[\w./:%?=()+-]{4,100}$/.test(word) && /\d/.test(word)) this.#machine.scanner.scan(word);
    else throw new Error(`what is ${word}? help tells what can be done`);
    return true;
  }

  readonly #press = (key: Key) => (typed: string) => this.#machine.display.press(key, typed);

  readonly #deeds: Readonly<Record<string, ((value: string) => void | Promise<void>) | undefined>> = {
    ok: this.#press("ok"),
    cancel: this.#press("cancel"),
    unlink: this.#press("unlink"),
    remove: this.#press("remove"),
    call: this.#press("help"),
    help: () => this.#say(`${COMMANDS}\n${goodsOf(this.#machine.place.store.cell)}`),
    end: this.#press("end"),
    card: this.#press("card"),
    scan: (code) => this.#machine.scanner.scan(code),
    loyalty: (number) => this.#loyalty(number),
    pair: () => this.#pair(),
    weigh: (grams) => this.#weigh(grams),
    pay: () => payAtTerminal(this.#machine.display, this.#machine.radio, this.#around.terminalId),
    tap: (card) => this.#tap(card),
    staff: () => this.#staff(),
    offline: () => this.#machine.modem.register(false),
    online: () => this.#machine.modem.register(true),
    leave: () => this.#machine.radio.away("beacon", this.#around.store),
    enter: () => this.#machine.radio.near("beacon", this.#around.store),
    power: () => this.#power(),
    wait: async (text) => void (await this.#until(text)),
  };

  #until(text: string) {
    return this.#machine.display.until(new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")), this.#waitMs);
  }

  async #loyalty(number: string): Promise<void> {
    this.#machine.display.press("loyalty");
    await this.#until("Scan your loyalty card");
    this.#machine.scanner.scan(number === "" ? this.#around.loyalty : number);
  }

  async #pair(): Promise<void> {
    const { person, store } = this.#around;
    if (person === null) throw new Error("no phone is signed in");
    const { code, confirmation } = await person.pairingCode(store);
    this.#machine.display.press("pair");
    await this.#until("Scan the code on your phone");
    this.#machine.scanner.scanPhone(code);
    await this.#until(`Your phone shows ${confirmation}`);
    this.#say(`the phone shows ${confirmation} too: confirmed`);
    await person.confirm(code);
  }

  #weigh(grams: string): void {
    if (!/^-?\d{1,6}$/.test(grams)) throw new Error("weigh takes grams");
    this.#machine.scale.put(Number(grams));
  }

  /** At the card reader when the cart waits for a card there, else at the terminal. */
  async #tap(name: string): Promise<void> {
    const cards: Readonly<Record<string, TestCard | undefined>> = TEST_CARDS;
    const card = cards[name === "" ? "visa" : name];
    if (card === undefined) throw new Error(`there is no card ${name}: ${Object.keys(cards).join(", ")}`);
    const { reader, shopper } = this.#machine;
    if (reader.armed) {
      this.#say((await reader.tap(card)) === null ? "the reader's vendor refused the card" : "tapped");
      return;
    }
    shopper.tap(card);
  }

  async #staff(): Promise<void> {
    const { session } = this.#machine;
    const { staff } = this.#around;
    const { holds } = await staff.get<BasketView>(`/staff/v1/sessions/${session}`);
    for (const hold of holds) {
      if (hold.kind === "unknown item" && hold.line !== null) {
        this.#machine.display.press("remove", String(hold.line));
        this.#say(`staff put line ${hold.line} back: the store does not know it`);
        continue;
      }
      await staff.post(`/staff/v1/sessions/${session}/holds/${hold.id}/clear`, { reason: reasonFor(hold) });
      this.#say(`staff cleared: ${hold.kind}`);
    }
    if (holds.length === 0) this.#say("nothing is held");
  }

  async #power(): Promise<void> {
    await this.#machine.powerOff();
    this.#say("the battery is out, and in again");
    await this.#machine.powerOn();
  }
}
