import type { Channel, Exchange } from "./wire.ts";

/** Shares of deliveries, 0 to 1; what is left goes through as it should. */
export interface Losses {
  /** The request never arrives. */
  readonly loseRequest?: number;
  /** The request arrives and its answer does not. */
  readonly loseAnswer?: number;
  /** The request arrives twice. */
  readonly duplicate?: number;
  /** The request arrives only after the next one that is delivered; the cart hears nothing of it. */
  readonly delay?: number;
}

/** A link that loses, repeats and reorders, the same way for the same seed and the same calls. */
export class LossyChannel implements Channel {
  /** How often each thing happened: a test that lost nothing tested nothing. */
  readonly counts = { delivered: 0, requestsLost: 0, answersLost: 0, duplicated: 0, delayed: 0 };
  readonly #losses: Losses;
  readonly #random: () => number;
  #held: (() => Promise<Exchange>)[] = [];

  constructor(seed: number, losses: Losses) {
    this.#losses = losses;
    this.#random = seededRandom(seed);
  }

  async deliver(send: () => Promise<Exchange>): Promise<Exchange> {
    const { loseRequest = 0, loseAnswer = 0, duplicate = 0, delay = 0 } = this.#losses;
    const chance = this.#random();
    if (chance < loseRequest) {
      this.counts.requestsLost += 1;
      throw new Error("request lost");
    }
    if (chance < loseRequest + delay) {
      this.counts.delayed += 1;
      this.#held.push(send);
      throw new Error("request delayed");
    }
    const exchange = await send();
    this.counts.delivered += 1;
    await this.release();
    if (chance < loseRequest + delay + loseAnswer) {
      this.counts.answersLost += 1;
      throw new Error("answer lost");
    }
    if (chance < loseRequest + delay + loseAnswer + duplicate) {
      this.counts.duplicated += 1;
      return send();
    }
    return exchange;
  }

  /** Delivers what was held back; nobody waits for its answer any more. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const send of held) await send().catch(() => undefined);
  }
}

/** Mulberry32: 32 bits of state, enough for tests and never for keys. @returns numbers from 0 inclusive to 1 exclusive */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
