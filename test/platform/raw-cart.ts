import { expect } from "vitest";
import { fromHex } from "../../protocol/bytes.ts";
import { decodeAnswer, encodeAnswer, encodeEnvelope } from "../../protocol/cart/codec.ts";
import type { CartBodies, CartMessage, EatClaims, ErrorAnswer } from "../../protocol/cart/messages.ts";
import { CART_PATH, COSE_TYPE } from "../../protocol/cart/paths.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { around, switchOn, type Place } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import { taken } from "./till.ts";

/** An answer as it came over HTTP. */
export interface Heard {
  readonly status: number;
  /** The cart API's refusal, if it is one and exactly one: code and expected number, nothing else. */
  readonly error: ErrorAnswer | null;
  readonly body: Uint8Array;
}

export interface Change {
  readonly seq?: number;
  readonly boot?: number;
  readonly time?: number;
  /** Another session than the cart's own. */
  readonly session?: SessionId;
}

/**
 * A cart with a right key whose frames a test makes itself. Whatever it sends, no answer is a failure of the platform,
 * and none but the code is in a refusal.
 */
export class RawCart {
  readonly client: CartClient;
  readonly here: Surroundings;
  readonly #place: Place;
  readonly #index: number;
  #session: SessionId | null = null;

  private constructor(place: Place, index: number, client: CartClient, here: Surroundings) {
    this.#place = place;
    this.#index = index;
    this.client = client;
    this.here = here;
  }

  static async switchedOn(place: Place, index: number): Promise<RawCart> {
    return new RawCart(place, index, await switchOn(place, index), await around(place, index, false));
  }

  get serial() {
    const unit = this.#place.store.carts[this.#index];
    if (unit === undefined) throw new Error(`the store has no cart ${this.#index}`);
    return unit.serial;
  }

  get session(): SessionId {
    if (this.#session === null) throw new Error("the cart is on no trip");
    return this.#session;
  }

  async attest(): Promise<void> {
    taken("attestation", await this.client.attest(this.here.beacon));
  }

  async open(): Promise<SessionId> {
    if (this.client.attestation === null) await this.attest();
    this.#session = taken("open", await this.client.open()).session;
    return this.#session;
  }

  /** Claims of this cart that are right but for the nonce, which nobody gave it. */
  claims(change: Partial<EatClaims> = {}): EatClaims {
    const { version, digest, securityCounter } = this.#place.store.firmware;
    return {
      nonce: crypto.getRandomValues(new Uint8Array(16)),
      serial: this.serial,
      debug: 4,
      boot: this.client.boot,
      version,
      digest: fromHex(digest),
      securityCounter,
      reader: "READER-RAW",
      ...change,
    };
  }

  pathOf(message: CartMessage, session: SessionId | null = this.#session): string {
    return CART_PATH[message].replace("{id}", session ?? "");
  }

  /** A rightly signed frame of a message with any content. */
  async say<M extends CartMessage>(message: M, body: CartBodies[M], change: Change = {}): Promise<Heard> {
    const session = CART_PATH[message].includes("{id}") ? (change.session ?? this.session) : null;
    const { seq = 1, boot = this.client.boot, time = Date.now() } = change;
    return this.sayPayload(this.pathOf(message, session), encodeEnvelope(message, { session, boot, seq, time, body }));
  }

  /** A rightly signed frame over any payload. */
  async sayPayload(path: string, payload: Uint8Array): Promise<Heard> {
    return this.post(path, await this.client.sign(path, payload));
  }

  /** Any bytes to any path. */
  async post(path: string, body: Uint8Array<ArrayBuffer>, contentType: string = COSE_TYPE): Promise<Heard> {
    const response = await fetch(this.#place.origins.api + path, {
      method: "POST",
      body,
      headers: { "content-type": contentType },
    });
    const answer = new Uint8Array(await response.arrayBuffer());
    const heard = { status: response.status, error: errorIn(answer), body: answer };
    expect(heard.status, `the platform failed at ${path}`).toBeLessThan(500);
    if (heard.status >= 400) expect(heard.error, `more or less than a code refuses ${path}`).not.toBeNull();
    return heard;
  }
}

function errorIn(body: Uint8Array): ErrorAnswer | null {
  const error = decodeAnswer("error", body);
  if (!error.ok) return null;
  return Buffer.from(encodeAnswer("error", error.value)).equals(body) ? error.value : null;
}
