import type { Bytes } from "../../protocol/cart/cbor.ts";
import { encodeEnvelope, encodeHello } from "../../protocol/cart/codec.ts";
import type {
  CartAnswers,
  CartBodies,
  CartEvent,
  CartMessage,
  EatClaims,
  HelloAnswer,
  IdentityBody,
  OpenAnswer,
  StoreAttestationClaims,
  TelemetryBody,
} from "../../protocol/cart/messages.ts";
import { CART_PATH, CBOR_TYPE, sessionPath, type SessionMessage } from "../../protocol/cart/paths.ts";
import type { HandoffId, SessionId } from "../../protocol/ids.ts";
import { Evidence } from "./evidence.ts";
import { Link } from "./link.ts";
import { Numbering } from "./numbering.ts";
import type { CartOptions } from "./options.ts";
import { Outbox, type KeptFrame } from "./outbox.ts";
import { readAnswer, readReply, refused, type AnswerOf, type Reply } from "./reply.ts";
import type { Exchange, Traffic } from "./wire.ts";

/** Answers the signed statement {store, nonce}. */
export interface Beacon {
  readonly state: (nonce: Uint8Array) => Promise<Uint8Array>;
}

/** A body that names numbers is made when the frame's own number is known. */
type BodyOf<M extends CartMessage> = CartBodies[M] | ((seq: number) => CartBodies[M]);

/** A cart as its firmware speaks: numbers, signs, keeps and repeats frames, and unlocks only for an attested store. */
export class CartClient {
  readonly #link: Link;
  readonly #options: CartOptions;
  readonly #outbox: Outbox;
  #boot: number;
  #evidence: Evidence;
  #telemetry = new Numbering();
  #trip: { readonly session: SessionId; readonly numbering: Numbering } | null = null;

  constructor(options: CartOptions) {
    this.#options = options;
    this.#evidence = new Evidence(options);
    this.#boot = options.boot;
    this.#link = new Link(options);
    this.#outbox = new Outbox(
      ({ path, bytes }) => this.#link.persist(path, bytes),
      (frame, exchange) => this.#settled(frame, exchange),
    );
  }

  /** What was sent and received since the client was made. */
  get traffic(): Traffic {
    return this.#link.traffic;
  }

  get session(): SessionId | null {
    return this.#trip?.session ?? null;
  }

  get boot(): number {
    return this.#boot;
  }

  /** The store attestation in force, verified; null while the cart is locked. */
  get attestation(): StoreAttestationClaims | null {
    return this.#evidence.attestation;
  }

  /** Frames that no lasting answer came for, oldest first. */
  get pending(): readonly KeptFrame[] {
    return this.#outbox.kept;
  }

  /** The session's greatest sequence number that was given out; 0 before the first. */
  get lastSeq(): number {
    return this.#trip?.numbering.last ?? 0;
  }

  async hello(): Promise<Reply<HelloAnswer>> {
    const request = encodeHello({ kid: await this.#link.kid() });
    const reply = readAnswer("hello", await this.#link.persist(CART_PATH.hello, request, CBOR_TYPE));
    if (reply.ok) this.#evidence.greeted(reply.value);
    return reply;
  }

  /** Proves to the cell what runs here and where; on success the cart is unlocked until the attestation ends. */
  async attest(beacon: Beacon): Promise<Reply<StoreAttestationClaims>> {
    const reply = await this.#withClaims("attestation", async (eat) => ({
      eat,
      beacon: await beacon.state(eat.nonce),
    }));
    if (!reply.ok) return reply;
    const claims = this.attestation;
    return claims === null ? refused("locked", reply.status) : { ...reply, value: claims };
  }

  async open(): Promise<Reply<OpenAnswer>> {
    if (this.attestation === null) return refused("locked");
    return this.#withClaims("open", (eat) => Promise.resolve({ eat }));
  }

  events(events: readonly CartEvent[]): Promise<Reply<CartAnswers["events"]>> {
    return this.#send("events", { events });
  }

  scan(code: string, { quantity = 1, grams = null }: { quantity?: number; grams?: number | null } = {}) {
    return this.events([{ kind: "scan", code, quantity, at: null, grams }]);
  }

  /** @param quantity without it the whole line goes. */
  remove(line: number, quantity: number | null = null) {
    return this.events([{ kind: "remove", line, quantity, at: null }]);
  }

  /** @param grams on the cart's scale. */
  weigh(grams: number) {
    return this.events([{ kind: "weight", grams, at: null }]);
  }

  health(batteryPercent: number, rssiDbm: number) {
    return this.events([{ kind: "health", batteryPercent, rssiDbm, at: null }]);
  }

  fault(code: number, detail: number) {
    return this.events([{ kind: "fault", code, detail, at: null }]);
  }

  identify(kind: Exclude<IdentityBody["kind"], "unlink">, value: string): Promise<Reply<CartAnswers["identity"]>> {
    return this.#send("identity", { kind, value });
  }

  unlink(): Promise<Reply<CartAnswers["identity"]>> {
    return this.#send("identity", { kind: "unlink" });
  }

  checkout(terminal: string): Promise<Reply<CartAnswers["checkout"]>> {
    return this.#send("checkout", (seq) => ({ lastSeq: seq - 1, terminal }));
  }

  /** @param reference the terminal's authorization reference: a hint, which the cell checks with the processor. */
  payment(handoff: HandoffId, reference: string, basketDigest: Uint8Array): Promise<Reply<CartAnswers["payment"]>> {
    return this.#send("payment", { handoff, reference, basketDigest });
  }

  close(): Promise<Reply<CartAnswers["close"]>> {
    return this.#send("close", (seq) => ({ lastSeq: seq - 1 }));
  }

  telemetry(events: TelemetryBody["events"]): Promise<Reply<CartAnswers["telemetry"]>> {
    return this.#send("telemetry", { events });
  }

  /** Null: there is nothing newer. Else the manifest's frame. */
  firmware(): Promise<Reply<Uint8Array | null>> {
    return this.#withClaims("firmware", (eat) => Promise.resolve({ eat }));
  }

  /** Power off and on: the session and its frames are in flash and stay; what is in RAM is gone, and the cart is locked. */
  reboot(): void {
    this.#boot += 1;
    this.#telemetry = new Numbering();
    this.#evidence = new Evidence(this.#options);
    for (const frame of this.pending.filter(({ numbering }) => numbering === null)) this.#outbox.forget(frame);
  }

  /** Sends what is kept, oldest first, until all is answered or the link fails. @returns how many frames are left. */
  async flush(): Promise<number> {
    await this.#outbox.deliverAll([...this.pending]);
    return this.pending.length;
  }

  /** Numbers and signs a frame and keeps it without sending it; null when it needs a session and there is none. */
  async prepare<M extends CartMessage>(message: M, body: BodyOf<M>): Promise<KeptFrame<M> | null> {
    const session = inSession(message) ? this.session : null;
    if (inSession(message) && session === null) return null;
    const numbering = this.#numbering(message);
    const seq = numbering?.next() ?? 0;
    const filled = typeof body === "function" ? body(seq) : body;
    const path = session !== null && inSession(message) ? sessionPath(message, session) : CART_PATH[message];
    const envelope = { session, boot: this.#boot, seq, time: this.#evidence.time(), body: filled };
    const bytes = await this.sign(path, encodeEnvelope(message, envelope));
    const frame: KeptFrame<M> = { message, path, seq, numbering, body: filled, bytes };
    this.#outbox.keep(frame);
    return frame;
  }

  /** Sends a frame as the same bytes, answered before or not. Null: no answer came. */
  deliver(frame: KeptFrame): Promise<Exchange | null> {
    return this.#outbox.deliver(frame);
  }

  /** A frame over any payload, for any path; it is not kept. */
  sign(path: string, payload: Uint8Array): Promise<Bytes> {
    return this.#link.sign(path, payload);
  }

  /** Sends any bytes to any path, once, whatever they are. @throws when no answer came. */
  sendRaw(path: string, body: Bytes, contentType?: string): Promise<Exchange> {
    return this.#link.once(path, body, contentType);
  }

  async #send<M extends CartMessage>(message: M, body: BodyOf<M>): Promise<Reply<AnswerOf<M>>> {
    const frame = this.#again(message, body) ?? (await this.prepare(message, body));
    if (frame === null) return refused("no_trip");
    const reply = await this.#outbox.answer(frame);
    if (reply.ok || reply.reason !== "seq" || reply.expected === null || this.pending.includes(frame)) return reply;
    // What the cell misses is not here to be sent, so the cell's count is the right one.
    frame.numbering?.expect(reply.expected);
    const renumbered = await this.prepare(message, body);
    return renumbered === null ? reply : this.#outbox.answer(renumbered);
  }

  /** The kept frame that says this already. Events are no such: two scans of one code are two items. */
  #again<M extends CartMessage>(message: M, body: BodyOf<M>): KeptFrame<M> | undefined {
    if (message === "events" || message === "telemetry") return undefined;
    const says = (frame: KeptFrame): boolean => {
      if (frame.message !== message || frame.numbering !== this.#numbering(message)) return false;
      const filled = typeof body === "function" ? body(frame.seq) : body;
      return sameBody(message, filled, frame.body as CartBodies[M]);
    };
    const found = this.pending.find((frame) => this.#outbox.isIdle(frame) && says(frame));
    return found as KeptFrame<M> | undefined;
  }

  /** Sends claims with a nonce. One that stayed unanswered goes first: the cell answers it as it did, or refuses it. */
  async #withClaims<M extends "attestation" | "open" | "firmware">(
    message: M,
    bodyOf: (eat: EatClaims) => Promise<CartBodies[M]>,
  ): Promise<Reply<AnswerOf<M>>> {
    const unanswered = this.pending.find((frame) => frame.message === message && this.#outbox.isIdle(frame));
    if (unanswered !== undefined) {
      const reply = await this.#outbox.answer(unanswered as KeptFrame<M>);
      if (reply.ok || this.pending.includes(unanswered)) return reply;
    }
    const eat = await this.#claims();
    return eat.ok ? this.#send(message, await bodyOf(eat.value)) : eat;
  }

  async #claims(): Promise<Reply<EatClaims>> {
    const carried = this.#evidence.claims(this.#boot);
    if (carried !== null) return { ok: true, value: carried, status: 200 };
    const greeted = await this.hello();
    if (!greeted.ok) return greeted;
    const fresh = this.#evidence.claims(this.#boot);
    return fresh === null ? refused("bad_answer") : { ok: true, value: fresh, status: 200 };
  }

  /** What a lasting answer changes here, whichever call or flush it came to. */
  async #settled({ message, path, body }: KeptFrame, exchange: Exchange): Promise<void> {
    if (message === "attestation") {
      const attested = readReply(message, exchange);
      if (attested.ok) await this.#evidence.attested(attested.value, (body as CartBodies["attestation"]).eat.nonce);
    }
    if (message === "open") {
      const opened = readReply(message, exchange);
      if (!opened.ok) return;
      this.#evidence.carry(opened.value.nonce);
      this.#trip = { session: opened.value.session, numbering: new Numbering() };
    }
    if (!inSession(message) || this.session === null || path !== sessionPath(message, this.session)) return;
    const reply = readReply(message, exchange);
    if (reply.ok && message === "close") this.#evidence.carry((reply.value as CartAnswers["close"]).nonce);
    if (reply.ok ? message === "close" : reply.reason === "session_over") this.#trip = null;
  }

  #numbering(message: CartMessage): Numbering | null {
    if (message === "telemetry") return this.#telemetry;
    return inSession(message) && this.#trip !== null ? this.#trip.numbering : null;
  }
}

const IN_SESSION: readonly string[] = ["events", "identity", "checkout", "payment", "close"];
const inSession = (message: CartMessage): message is SessionMessage => IN_SESSION.includes(message);

function sameBody<M extends CartMessage>(message: M, a: CartBodies[M], b: CartBodies[M]): boolean {
  const encoded = (body: CartBodies[M]): string =>
    encodeEnvelope(message, { session: null, boot: 0, seq: 0, time: 0, body }).toString();
  return encoded(a) === encoded(b);
}
