import { decodeAnswer, encodeEnvelope } from "../../protocol/cart/codec.ts";
import { signFrame } from "../../protocol/cart/cose.ts";
import type { CartAnswer, CartAnswers, CartBodies, CartMessage, EatClaims } from "../../protocol/cart/messages.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import { startRoom, type RoomUnderTest } from "../../tools/platform/room-under-test.ts";

export const CART = "0123456789abcdef0123456789abcdef" as CartSerial;
export const STORE = "eu-test" as StoreId;
export const MILK = "4006381333931";
export const BEER = "4311501043271";
export const UNKNOWN = "4000000000006";

/**
 * The rooms around a session, in so many words: they keep what they were told in a Durable Object-free module state,
 * and `control` (through a scan of a magic code or a handoff) is not needed: behaviour follows from the input.
 */

export const NEIGHBOURS = {
  stores: `import { WorkerEntrypoint } from "cloudflare:workers";
const facts = { store: "${STORE}", name: "Test store", currency: "EUR", taxIncluded: true, timeZone: "Europe/Berlin", weightToleranceGrams: 50, terminals: ["T1", "T2"] };
const goods = { "${MILK}": { item: "0${MILK}", name: "Milk", unitMinor: 119, measure: "each", grams: null, lineMinor: 119, taxClass: "food", netGrams: 1000, minimumAge: 0, origin: "master" },
  "${BEER}": { item: "0${BEER}", name: "Beer", unitMinor: 99, measure: "each", grams: null, lineMinor: 99, taxClass: "alcohol", netGrams: 500, minimumAge: 18, origin: "master" } };
let posDown = 0, sellDown = 0;
export class ForSessions extends WorkerEntrypoint {
  async facts() { return { ok: true, value: facts }; }
  async prices(store, codes) {
    if (codes.some((c) => c.code === "pos-down")) posDown = 1;
    if (codes.some((c) => c.code === "sell-down")) sellDown = 1;
    return { ok: true, value: codes.map((c) => goods[c.code] ? { ok: true, value: goods[c.code] } : { ok: false, reason: "unknown_item" }) };
  }
  async quote(store, session, handoff, lines) {
    if (posDown > 0) { posDown -= 1; return { ok: false, reason: "unavailable" }; }
    const total = lines.reduce((sum, line) => sum + line.totalMinor, 0);
    return { ok: true, value: { quote: handoff, total: { minor: total, currency: "EUR" }, netMinor: total, taxMinor: 0, taxes: [], lines } };
  }
  async sell(sale) { if (sellDown > 0) { sellDown -= 1; return { ok: false, reason: "unavailable" }; } return { ok: true, value: sale.handoff.replaceAll("-", "").slice(0, 22) }; }
}
export class ForEdge extends WorkerEntrypoint {} export class ForOps extends WorkerEntrypoint {}
export default { fetch: () => new Response(null) };`,
  payments: `import { WorkerEntrypoint } from "cloudflare:workers";
const emv = { scheme: "visa", last4: "4242", aid: "A0000000031010", applicationName: "VISA", tvr: "0000000000", tsi: "E800", cryptogram: "AB", arc: "00", approvalCode: "123456", cvm: "none", entry: "contactless", terminal: "T1", merchant: "M" };
const seen = new Map(), captures = new Map(), voided = [];
export class ForSessions extends WorkerEntrypoint {
  async identifyByCard(trip, token) { return { ok: true, value: token.startsWith("Unknown") ? { status: "not_linked" } : { status: "linked", customer: "cc".repeat(16), nickname: null } }; }
  async authorization(claim) {
    const asked = (seen.get(claim.handoff) ?? 0) + 1; seen.set(claim.handoff, asked);
    const answer = (state, over = {}) => ({ ok: true, value: { id: "auth-" + claim.handoff, state, amount_minor: claim.amount.minor, currency: claim.amount.currency, terminal: claim.terminal, store: claim.trip.store, handoff: claim.handoff, emv, processor_reference: "p-1", ...over } });
    const how = claim.reference ?? "none";
    if (how.startsWith("lost")) return asked < 2 ? { ok: false, reason: "unavailable" } : answer("approved");
    if (how.startsWith("decline")) return answer("declined");
    if (how.startsWith("pending")) return answer("pending");
    if (how.startsWith("partial")) return answer("approved", { amount_minor: claim.amount.minor - 1 });
    if (how.startsWith("other-store")) return answer("approved", { store: "eu-other" });
    if (how === "none") return answer("pending", { processor_reference: null, emv: null });
    return answer("approved");
  }
  async capture(handoff, authorization, amount) { captures.set(handoff, (captures.get(handoff) ?? 0) + 1); return { ok: true, value: { id: authorization, state: "captured", amount_minor: amount.minor, currency: amount.currency, terminal: "T1", store: "${STORE}", handoff, emv, processor_reference: "p-1" } }; }
  async release(handoff, authorization, why) { voided.push([handoff, why]); return { ok: true, value: { id: authorization, state: "voided", amount_minor: null, currency: null, terminal: null, store: null, handoff, emv: null, processor_reference: null } }; }
}
export default { fetch: () => Response.json({ captures: [...captures], voided }) };`,
  identity: `import { WorkerEntrypoint } from "cloudflare:workers";
const ended = [];
export class ForSessions extends WorkerEntrypoint {
  async byLoyalty(trip, number) { if (number === "4242424242424242") return { ok: false, reason: "pan_detected" }; if (number === "down") return { ok: false, reason: "unavailable" };
    return { ok: true, value: number.startsWith("9") ? { status: "linked", customer: "ab".repeat(16), nickname: "Nick" } : { status: "not_linked" } }; }
  async byPairing() { return { ok: true, value: { status: "pending", confirmation: "47" } }; }
  async unlink() { return { ok: true, value: undefined }; }
  async end(session) { ended.push(session); return { ok: true, value: undefined }; }
}
export class ForEdge extends WorkerEntrypoint {} export class ForOps extends WorkerEntrypoint {} export class ForPayments extends WorkerEntrypoint {}
export default { fetch: () => Response.json(ended) };`,
  telemetry: `import { WorkerEntrypoint } from "cloudflare:workers";
const segments = [];
export class ForSessions extends WorkerEntrypoint { async deliver(segment) { segments.push(segment); return { ok: true, value: undefined }; } }
export class ForOps extends WorkerEntrypoint {}
export default { fetch: () => Response.json(segments) };`,
  audit: `import { WorkerEntrypoint } from "cloudflare:workers";
const acts = [];
export class ForSessions extends WorkerEntrypoint { async append(act) { acts.push(act); return { ok: true, value: { index: acts.length } }; } }
export class ForIdentity extends ForSessions {} export class ForFleet extends ForSessions {} export class ForOps extends ForSessions {}
export default { fetch: () => Response.json(acts) };`,
};

export async function startSessions(): Promise<RoomUnderTest> {
  return startRoom("sessions", { neighbours: NEIGHBOURS });
}

/** What a neighbour remembers, read from its own Worker. */
export async function remembered<T>(room: RoomUnderTest, neighbour: string): Promise<T> {
  const worker = await room.miniflare.getWorker(`cartwright-${neighbour}-eu`);
  return (await (await worker.fetch("http://neighbour.test/")).json()) as T;
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

  async frame<M extends CartMessage>(
    message: M,
    body: CartBodies[M],
    seq: number,
    boot = this.boot,
  ): Promise<Signed<CartBodies[M]>> {
    const envelope = { session: this.session, boot, seq, time: 1_700_000_000_000 + seq, body };
    const frame = await signFrame(
      encodeEnvelope(message, envelope),
      new Uint8Array(8),
      "cartwright/1 POST /test",
      async () => crypto.getRandomValues(new Uint8Array(64)),
    );
    return { frame, envelope, cart: this.serial };
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

export function read<A extends CartAnswer>(kind: A, body: Uint8Array): CartAnswers[A] {
  const answer = decodeAnswer(kind, body);
  if (!answer.ok) throw new Error(`the answer is not a ${kind}`);
  return answer.value;
}

/** The answer of a frame that must have been taken. */
export function taken<A extends CartAnswer>(kind: A, answer: WireAnswer): CartAnswers[A] {
  if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
  return read(kind, answer.body);
}
