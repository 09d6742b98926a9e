import { encodeFrame, FrameReader } from "./serial-frame.ts";
import type { Peripheral, Wire } from "./wire.ts";

const SERIAL = 0x01;
const TOKEN = 0x02;
const REFUSED = 0x03;
const TAMPER = 0x04;
const ARM = 0x81;
const DISARM = 0x82;
const ASK_SERIAL = 0x83;

/** A card as the reader's vendor sees it; the cart gets the token that it answers, and no more. */
export type Tokenizer<Card> = (card: Card) => Promise<string>;

/**
 * The NFC module: armed, it reads a card, has it turned into a token by its vendor's back end over a way of its own,
 * and reports the token.
 */
export class CardReaderSimulator<Card> implements Peripheral {
  readonly #serial: string;
  readonly #tokenize: Tokenizer<Card>;
  readonly #frames = new FrameReader();
  #wire: Wire | null = null;
  #armed = false;
  #waiting: (() => void)[] = [];

  constructor(serial: string, tokenize: Tokenizer<Card>) {
    this.#serial = serial;
    this.#tokenize = tokenize;
  }

  get armed(): boolean {
    return this.#armed;
  }

  start(wire: Wire): void {
    this.#wire = wire;
    this.#armed = false;
    this.#frames.reset();
    this.#say(SERIAL, Buffer.from(this.#serial));
  }

  receive(bytes: Buffer): void {
    for (const { type } of this.#frames.push(bytes)) {
      if (type === ASK_SERIAL) this.#say(SERIAL, Buffer.from(this.#serial));
      if (type === DISARM) this.#armed = false;
      if (type === ARM) {
        this.#armed = true;
        for (const resolve of this.#waiting.splice(0)) resolve();
      }
    }
  }

  /** Resolves once the cart waits for a card. */
  untilArmed(): Promise<void> {
    return this.#armed ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Holds a card to the reader. A reader that is not armed reads none. @returns the token, or null */
  async tap(card: Card): Promise<string | null> {
    if (!this.#armed) return null;
    try {
      const token = await this.#tokenize(card);
      this.#armed = false;
      this.#say(TOKEN, Buffer.from(token, "ascii"));
      return token;
    } catch {
      this.refuse(1);
      return null;
    }
  }

  /** The card could not be read. */
  refuse(reason: number): void {
    this.#say(REFUSED, Buffer.of(reason));
  }

  /** The module's case was opened. */
  tamper(): void {
    this.#say(TAMPER, Buffer.alloc(0));
  }

  /** A frame as a reader with a fault would write it. */
  raw(bytes: Uint8Array): void {
    this.#wire?.write(bytes);
  }

  #say(type: number, payload: Buffer): void {
    this.#wire?.write(encodeFrame(type, payload));
  }
}
