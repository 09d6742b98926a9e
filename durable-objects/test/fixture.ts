import type { CartAnswers, CartBodies, CartMessage, EatClaims } from "../../protocol/cart/messages.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { read, type Arranged } from "./answers.ts";
import { FrameMaker } from "./frames.ts";
import { NEIGHBOURS, STORE as STORE_NAME } from "./neighbours.ts";
import { startRoom, type RoomUnderTest } from "../../tools/platform/room-under-test.ts";

export const CART = "0123456789abcdef0123456789abcdef" as CartSerial;
export const STORE = STORE_NAME as StoreId;
export { read, taken, type Arranged, type PaymentBooks } from "./answers.ts";
export { BEER, MILK, UNKNOWN } from "./neighbours.ts";

export async function startSessions(): Promise<RoomUnderTest> {
  return startRoom("sessions", { neighbours: NEIGHBOURS });
}

/** What a neighbour remembers, read from its own Worker. */
export async function remembered<T>(room: RoomUnderTest, neighbour: string): Promise<T> {
  const worker = await room.miniflare.getWorker(`cartwright-${neighbour}-eu`);
  return (await (await worker.fetch("http://neighbour.test/")).json()) as T;
}

export async function arrange(room: RoomUnderTest, handoff: string, plan: Arranged): Promise<void> {
  const worker = await room.miniflare.getWorker("cartwright-payments-eu");
  await worker.fetch("http://neighbour.test/", { method: "POST", body: JSON.stringify({ handoff, plan }) });
}

/** A cart on a wire without a door: it makes frames as the door would hand them on, and counts its own numbers. */
export class TestCart {
  readonly serial: CartSerial;
  session: SessionId | null = null;
  boot = 1;
  seq = 0;
  readonly #room: RoomUnderTest;

  constructor(room: RoomUnderTest, serial: CartSerial = CART) {
    this.#room = room;
    this.serial = serial;
  }

  frame<M extends CartMessage>(
    message: M,
    body: CartBodies[M],
    seq: number,
    boot = this.boot,
  ): Promise<Signed<CartBodies[M]>> {
    return new FrameMaker(this.serial, this.session).frame(message, body, seq, boot);
  }

  send<M extends "events" | "identity" | "checkout" | "payment" | "close">(
    message: M,
    signed: Signed<CartBodies[M]>,
  ): Promise<WireAnswer> {
    return this.#room.object("ShoppingSession", this.session ?? "", message, signed);
  }

  async next<M extends "events" | "identity" | "checkout" | "payment" | "close">(
    message: M,
    body: CartBodies[M],
  ): Promise<WireAnswer> {
    this.seq += 1;
    return this.send(message, await this.frame(message, body, this.seq));
  }

  async scan(...codes: string[]): Promise<WireAnswer> {
    return this.next("events", {
      events: codes.map((code) => ({ kind: "scan", code, quantity: 1, at: null, grams: null })),
    });
  }

  async hello(): Promise<Uint8Array> {
    return (await this.#room.object<{ nonce: Uint8Array }>("Cart", this.serial, "hello", this.serial)).nonce;
  }

  eat(nonce: Uint8Array): EatClaims {
    return {
      nonce,
      serial: this.serial,
      debug: 3,
      boot: this.boot,
      version: "1.2.3",
      digest: new Uint8Array(32),
      securityCounter: 1,
      reader: "R1",
    };
  }

  async attest(store: StoreId = STORE, expires = Date.now() + 3_600_000): Promise<Uint8Array> {
    const signed = await this.frame(
      "attestation",
      { eat: this.eat(await this.hello()), beacon: new Uint8Array([1]) },
      1,
    );
    const spent = await this.#room.object<{ ok: boolean }>("Cart", this.serial, "spend", signed);
    if (!spent.ok) throw new Error("the nonce was not good");
    const { body } = await this.#room.object<{ body: Uint8Array }>("Cart", this.serial, "attested", signed, store, {
      statement: new Uint8Array([1]),
      cellKey: new Uint8Array([2]),
      expires,
    });
    return read("attestation", body).nonce;
  }

  async tryOpen(nonce: Uint8Array, store: StoreId = STORE): Promise<WireAnswer> {
    this.session = null;
    return this.#room.object("Cart", this.serial, "open", await this.frame("open", { eat: this.eat(nonce) }, 1), store);
  }

  async open(nonce?: Uint8Array): Promise<CartAnswers["open"]> {
    const answer = await this.tryOpen(nonce ?? (await this.attest()));
    if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
    const opened = read("open", answer.body);
    this.session = opened.session;
    this.seq = 0;
    return opened;
  }

  async checkout(terminal = "T1"): Promise<CartAnswers["checkout"]> {
    const answer = await this.next("checkout", { lastSeq: this.seq, terminal });
    if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
    return read("checkout", answer.body);
  }

  async pay(handoff: CartAnswers["checkout"], reference: string): Promise<CartAnswers["payment"]> {
    const answer = await this.next("payment", {
      handoff: handoff.handoff,
      reference,
      basketDigest: handoff.basketDigest,
    });
    if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
    return read("payment", answer.body);
  }
}
