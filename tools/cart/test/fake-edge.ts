import { hex } from "../../../protocol/bytes.ts";
import type { Bytes } from "../../../protocol/cart/cbor.ts";
import { CART_STATUS, type CartCode } from "../../../protocol/cart/codes.ts";
import { decodeEnvelope, encodeAnswer } from "../../../protocol/cart/codec.ts";
import {
  CELL_KEY,
  importPublicKey,
  kidOf,
  parseFrame,
  purposeOfPath,
  signFrame,
  STORE_ATTESTATION,
  verifyFrame,
} from "../../../protocol/cart/cose.ts";
import type { CartMessage, StoreAttestationClaims } from "../../../protocol/cart/messages.ts";
import { CART_PATH } from "../../../protocol/cart/paths.ts";
import { encodeCellKey, encodeStoreAttestation } from "../../../protocol/cart/statements.ts";
import type { CartSerial, SessionId, StoreId } from "../../../protocol/ids.ts";
import { SecureElement } from "../secure-element.ts";
import { CartClient } from "../client.ts";
import type { CartOptions } from "../options.ts";

export const SERIAL = "00112233445566778899aabbccddeeff" as CartSerial;
export const STORE = "us-demo" as StoreId;
export const SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId;
export const NOW = 1_795_262_400_000;
const HOUR = 3_600_000;
const MESSAGES = Object.keys(CART_PATH).filter((name) => name !== "hello") as CartMessage[];

/** The cell as a cart sees it, in memory: it takes frames in order, once, and answers a repeat as it did before. */
export class FakeEdge {
  readonly root: SecureElement;
  readonly statement: SecureElement;
  readonly cartKey: CryptoKey;
  /** Codes of scans in the order of their numbers. */
  readonly scans: string[] = [];
  readonly bootsOfFrames: number[] = [];
  /** Each frame that arrived, in hex; the sequence number that its envelope names. */
  readonly arrived: { readonly path: string; readonly frame: string; readonly seq: number }[] = [];
  /** Refuse the next frame of a kind with this code. */
  refuseNext: { message: CartMessage; code: CartCode } | null = null;
  sessionsOpened = 0;
  /** Changes to what the cell attests, for a cart to notice. */
  forge: Partial<StoreAttestationClaims> & { cellKeyExpires?: number; signer?: SecureElement } = {};
  readonly #answers = new Map<string, Response>();
  readonly #taken = new Map<
    number,
    { readonly frame: string; readonly codes: readonly string[]; readonly boot: number }
  >();
  #nonces = 0;
  #nextSeq = 1;

  private constructor(root: SecureElement, statement: SecureElement, cartKey: CryptoKey) {
    this.root = root;
    this.statement = statement;
    this.cartKey = cartKey;
  }

  static async with(cart: SecureElement): Promise<FakeEdge> {
    const [root, statement] = await Promise.all([SecureElement.make(), SecureElement.make()]);
    return new FakeEdge(root, statement, await importPublicKey(await cart.publicPoint()));
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const path = new URL(url).pathname;
    const body = new Uint8Array(init.body as ArrayBuffer);
    if (path === CART_PATH.hello)
      return answered(encodeAnswer("hello", { nonce: this.#nonce(), time: NOW, store: STORE }));
    const message = MESSAGES.find((name) => CART_PATH[name].replace("{id}", SESSION) === path);
    const frame = parseFrame(body);
    if (message === undefined || !frame.ok) return refusal("malformed");
    if (!(await verifyFrame(frame.value, this.cartKey, purposeOfPath(path)))) return refusal("signature");
    const before = this.#answers.get(hex(body));
    const envelope = decodeEnvelope(message, frame.value.payload);
    if (!envelope.ok) return refusal(envelope.reason);
    this.arrived.push({ path, frame: hex(body), seq: envelope.value.seq });
    if (before !== undefined) return before.clone();
    const response = await this.#answer(message, body, frame.value.payload);
    if (response.ok) this.#answers.set(hex(body), response.clone());
    return response;
  };

  async #answer(message: CartMessage, body: Bytes, payload: Bytes): Promise<Response> {
    if (this.refuseNext?.message === message) {
      const { code } = this.refuseNext;
      this.refuseNext = null;
      return refusal(code);
    }
    if (message === "attestation") return this.#attest(payload);
    if (message === "open") return this.#open();
    if (message === "telemetry") return answered(encodeAnswer("telemetry", { seq: 1 }));
    const envelope = decodeEnvelope(message, payload);
    if (!envelope.ok) return refusal(envelope.reason);
    const { seq, boot, body: content } = envelope.value;
    const taken = this.#taken.get(seq);
    if (taken !== undefined) return taken.frame === hex(body) ? refusal("state") : refusal("equivocation");
    if (seq !== this.#nextSeq && message !== "events") return refusal("seq", this.#nextSeq);
    const events = "events" in content ? content.events : [];
    const codes = events.flatMap((event) => (event.kind === "scan" ? [event.code] : []));
    this.#taken.set(seq, { frame: hex(body), codes, boot });
    this.#drain();
    return message === "close"
      ? answered(encodeAnswer("close", { nonce: this.#nonce() }))
      : answered(encodeAnswer("events", { seq: this.#nextSeq - 1, lines: [], totalMinor: 0, holds: [] }));
  }

  #drain(): void {
    for (let next = this.#taken.get(this.#nextSeq); next !== undefined; next = this.#taken.get(this.#nextSeq)) {
      this.scans.push(...next.codes);
      this.bootsOfFrames.push(next.boot);
      this.#nextSeq += 1;
    }
  }

  async #attest(payload: Bytes): Promise<Response> {
    const envelope = decodeEnvelope("attestation", payload);
    if (!envelope.ok) return refusal(envelope.reason);
    const { cellKeyExpires = NOW + HOUR, signer = this.statement, ...forged } = this.forge;
    const { nonce } = envelope.value.body.eat;
    const claims = { serial: SERIAL, store: STORE, nonce, notBefore: NOW, expires: NOW + 12 * HOUR, ...forged };
    const publicKey = await this.statement.publicPoint();
    const cellKey = encodeCellKey({ cell: "us", publicKey, notBefore: NOW - HOUR, expires: cellKeyExpires });
    return answered(
      encodeAnswer("attestation", {
        statement: await signFrame(
          encodeStoreAttestation(claims),
          await kidOf(publicKey),
          STORE_ATTESTATION,
          signer.sign,
        ),
        cellKey: await signFrame(cellKey, await kidOf(await this.root.publicPoint()), CELL_KEY, this.root.sign),
        nonce: this.#nonce(),
      }),
    );
  }

  #open(): Response {
    this.sessionsOpened += 1;
    const settings = { currency: "USD", exponent: 2, storeName: "Demo", idleSeconds: 900 } as const;
    return answered(
      encodeAnswer("open", {
        session: SESSION,
        leaseSeconds: 900,
        settings: { ...settings, weightToleranceGrams: 10, taxIncluded: false },
        nonce: this.#nonce(),
        time: NOW,
      }),
      201,
    );
  }

  #nonce(): Bytes {
    this.#nonces += 1;
    return new Uint8Array(16).fill(this.#nonces);
  }
}

function answered(body: Bytes, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "application/cbor" } });
}

function refusal(code: CartCode, expected: number | null = null): Response {
  return answered(encodeAnswer("error", { code, expected }), CART_STATUS[code]);
}

/** A cart on a fake edge; it waits for nothing and its clock stands still. */
export async function cartOn(
  options: Partial<CartOptions> = {},
): Promise<{ readonly cart: CartClient; readonly edge: FakeEdge; readonly slept: number[] }> {
  const element = await SecureElement.make();
  const edge = await FakeEdge.with(element);
  const slept: number[] = [];
  const cart = new CartClient({
    origin: "http://127.0.0.1:8787",
    serial: SERIAL,
    certificate: Uint8Array.of(0x30, 0x00),
    element,
    firmware: { version: "1.0.0", digest: new Uint8Array(32), securityCounter: 1 },
    reader: "RDR-1",
    rootPublicKey: await edge.root.publicPoint(),
    boot: 1,
    fetch: edge.fetch,
    now: () => NOW,
    random: () => 0.5,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    ...options,
  });
  return { cart, edge, slept };
}
