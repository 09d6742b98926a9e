import type { Bytes } from "../../protocol/cart/cbor.ts";
import type { CartBodies, CartMessage } from "../../protocol/cart/messages.ts";
import { isPassing, readReply, refused, type AnswerOf, type Reply } from "./reply.ts";
import type { Numbering } from "./numbering.ts";
import type { Exchange } from "./wire.ts";

/** A signed frame that nobody has answered for good: it is sent again as these bytes, never signed anew. */
export interface KeptFrame<M extends CartMessage = CartMessage> {
  readonly message: M;
  readonly path: string;
  readonly seq: number;
  /** Whose number `seq` is; null where a nonce orders instead. */
  readonly numbering: Numbering | null;
  readonly body: CartBodies[M];
  readonly bytes: Bytes;
}

/** How often the frames that the cell misses are sent before a frame that it refused for them. */
const ROUNDS = 3;

/** Delivery at least once: what is kept goes out in order, until each frame has a lasting answer. */
export class Outbox {
  readonly #kept: KeptFrame[] = [];
  readonly #flying = new Set<KeptFrame>();
  readonly #send: (frame: KeptFrame) => Promise<Exchange | null>;
  readonly #settled: (frame: KeptFrame, exchange: Exchange) => Promise<void>;

  /**
   * @param send null when no answer came.
   * @param settled told once of each frame's lasting answer.
   */
  constructor(
    send: (frame: KeptFrame) => Promise<Exchange | null>,
    settled: (frame: KeptFrame, exchange: Exchange) => Promise<void>,
  ) {
    this.#send = send;
    this.#settled = settled;
  }

  /** Oldest first. */
  get kept(): readonly KeptFrame[] {
    return this.#kept;
  }

  keep(frame: KeptFrame): void {
    this.#kept.push(frame);
  }

  forget(frame: KeptFrame): void {
    const index = this.#kept.indexOf(frame);
    if (index >= 0) this.#kept.splice(index, 1);
  }

  isIdle(frame: KeptFrame): boolean {
    return this.#kept.includes(frame) && !this.#flying.has(frame);
  }

  /** Sends one frame, as the same bytes each time. Null: no answer came. */
  async deliver(frame: KeptFrame): Promise<Exchange | null> {
    this.#flying.add(frame);
    const exchange = await this.#send(frame);
    this.#flying.delete(frame);
    if (exchange === null || isPassing(exchange) || !this.#kept.includes(frame)) return exchange;
    const reply = readReply(frame.message, exchange);
    // Refused for the frames before it: it is still to be taken.
    if (!reply.ok && reply.reason === "seq") return exchange;
    this.forget(frame);
    // A number whose frame was refused was never taken; with equivocation, another frame has it.
    if (!reply.ok && reply.reason !== "equivocation") frame.numbering?.release(frame.seq);
    await this.#settled(frame, exchange);
    return exchange;
  }

  /** Sends these, in order, until the link fails. @returns whether it held. */
  async deliverAll(frames: readonly KeptFrame[]): Promise<boolean> {
    for (const frame of frames) {
      if (!this.isIdle(frame)) continue;
      const exchange = await this.deliver(frame);
      if (exchange === null || isPassing(exchange)) return false;
    }
    return true;
  }

  /** Sends what was kept before this frame, then the frame; and again, where the cell misses one that is kept. */
  async answer<M extends CartMessage>(frame: KeptFrame<M>): Promise<Reply<AnswerOf<M>>> {
    for (let round = 1; ; round += 1) {
      if (!(await this.deliverAll(this.#before(frame)))) return refused("offline");
      const reply = readReply(frame.message, await this.deliver(frame));
      if (reply.ok || reply.reason !== "seq" || round === ROUNDS) return reply;
      const missing = ({ numbering, seq }: KeptFrame): boolean =>
        numbering === frame.numbering && seq === reply.expected && seq !== frame.seq;
      if (this.#kept.some(missing)) continue;
      this.forget(frame);
      return reply;
    }
  }

  #before(frame: KeptFrame): readonly KeptFrame[] {
    const own = this.#kept.indexOf(frame);
    return this.#kept.filter(
      (kept, index) => index < own || (kept.numbering === frame.numbering && kept.seq < frame.seq),
    );
  }
}
