import type { Bytes } from "../../protocol/cart/cbor.ts";
import { kidOf, purposeOfPath, signFrame } from "../../protocol/cart/cose.ts";
import { COSE_TYPE } from "../../protocol/cart/paths.ts";
import type { CartOptions } from "./options.ts";
import { persist, RETRY } from "./retry.ts";
import { DIRECT, post, type Exchange, type Traffic } from "./wire.ts";

const TIMEOUT_MS = 10_000;

/** The cart's modem and secure element together: what signs and what sends, knowing nothing of trips. */
export class Link {
  readonly traffic: Traffic = { requests: 0, bytesUp: 0, bytesDown: 0 };
  readonly #options: CartOptions;
  #kid: Bytes | undefined;

  constructor(options: CartOptions) {
    this.#options = options;
  }

  /** Names the cart's certificate. */
  async kid(): Promise<Bytes> {
    this.#kid ??= await kidOf(this.#options.certificate);
    return this.#kid;
  }

  /** A frame over any payload, for any path. */
  async sign(path: string, payload: Uint8Array): Promise<Bytes> {
    return signFrame(payload, await this.kid(), purposeOfPath(path), this.#options.element.sign);
  }

  /** Sends any bytes to any path, once. @throws when no answer came. */
  once(path: string, body: Bytes, contentType: string = COSE_TYPE): Promise<Exchange> {
    const { origin, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS, channel = DIRECT } = this.#options;
    const using = { fetch, timeoutMs, traffic: this.traffic };
    return channel.deliver(() => post(origin, { path, contentType, body }, using));
  }

  /** Sends until a lasting answer comes or the retries are used up. Null: no answer came. */
  persist(path: string, body: Bytes, contentType: string = COSE_TYPE): Promise<Exchange | null> {
    const { sleep = pause, random = Math.random, retry } = this.#options;
    return persist(() => this.once(path, body, contentType), { ...RETRY, ...retry }, { sleep, random });
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
