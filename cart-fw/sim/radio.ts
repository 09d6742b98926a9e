import type { Currency } from "../../protocol/money/money.ts";
import type { PaymentOrder, TerminalOutcome } from "../../tools/terminal/terminal.ts";
import { encodeFrame, FrameReader } from "./serial-frame.ts";
import type { Peripheral, Wire } from "./wire.ts";

/** cart-fw/core/ble.h */
const SEEN = 0x01;
const GONE = 0x02;
const BEACON_SAYS = 0x03;
const PAY_OUTCOME = 0x04;
const BEACON_NONCE = 0x81;
const PAY = 0x82;
const PAY_STATUS = 0x83;
const PAY_CANCEL = 0x84;

const DEVICES = { beacon: 0, terminal: 1, staff: 2 } as const;
export type Device = keyof typeof DEVICES;
const OUTCOMES = { approved: 0, declined: 1, unknown: 2, cancelled: 3 } as const;

/** What the cart hands to a terminal. */
export type HandedOrder = Pick<PaymentOrder, "handoff" | "amount" | "currency">;

/** A payment terminal in reach, with the shopper who stands at it. */
export interface PayingParty {
  pay(order: HandedOrder, terminal: string): Promise<TerminalOutcome | "cancelled">;
  /** Null: it waits for a card, so there is nothing to say. */
  status(handoff: string, terminal: string): Promise<TerminalOutcome | null>;
  /** What the payment came to instead, when it was too late to cancel. */
  cancel(handoff: string, terminal: string): Promise<TerminalOutcome | "cancelled">;
}

export interface RadioOptions {
  /** The store's beacon signs {store, nonce}. */
  readonly beacon: (nonce: Uint8Array) => Promise<Uint8Array>;
  readonly terminal: PayingParty;
  /** Advertisements are repeated this often; a second unless told. */
  readonly periodMs?: number;
}

const NEAR_DBM = -58;

/** The BLE module: advertisements of what is in reach, the beacon's statement, the terminal's connection. */
export class RadioSimulator implements Peripheral {
  readonly #options: RadioOptions;
  readonly #frames = new FrameReader();
  readonly #inReach = new Map<string, { readonly device: Device; readonly id: string }>();
  readonly #listeners = new Set<(device: Device, id: string) => void>();
  #wire: Wire | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RadioOptions) {
    this.#options = options;
  }

  start(wire: Wire): void {
    this.stop();
    this.#wire = wire;
    this.#frames.reset();
    this.#advertise();
    this.#timer = setInterval(() => this.#advertise(), this.#options.periodMs ?? 1_000);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#wire = null;
  }

  receive(bytes: Buffer): void {
    for (const { type, payload } of this.#frames.push(bytes)) {
      if (type === BEACON_NONCE) void this.#state(payload);
      if (type === PAY) void this.#pay(payload);
      if (type === PAY_STATUS) void this.#ask("status", payload);
      if (type === PAY_CANCEL) void this.#ask("cancel", payload);
    }
  }

  /** Comes into reach, and stays until it goes. */
  near(device: Device, id: string): void {
    this.#inReach.set(`${device} ${id}`, { device, id });
    this.#tell(SEEN, device, id);
  }

  away(device: Device, id: string): void {
    if (this.#inReach.delete(`${device} ${id}`)) this.#tell(GONE, device, id);
  }

  /**
   * Resolves when the cart is told the next time that this is in reach.
   * @throws Error when it is not, for `timeoutMs`: out of reach, or the cart is off
   */
  reported(device: Device, id: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
      };
      const listen = (toldDevice: Device, toldId: string) => {
        if (toldDevice !== device || toldId !== id) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`the radio reported no ${device} ${id} for ${timeoutMs} ms`));
      }, timeoutMs);
      this.#listeners.add(listen);
    });
  }

  raw(bytes: Uint8Array): void {
    this.#wire?.write(bytes);
  }

  #advertise(): void {
    for (const { device, id } of this.#inReach.values()) this.#tell(SEEN, device, id);
  }

  #tell(type: number, device: Device, id: string): void {
    const rssi = NEAR_DBM & 0xff;
    this.#say(type, Buffer.concat([Buffer.of(DEVICES[device], rssi, id.length), Buffer.from(id, "ascii")]));
    if (type === SEEN && this.#wire !== null) for (const listen of this.#listeners) listen(device, id);
  }

  async #state(nonce: Uint8Array): Promise<void> {
    const near = [...this.#inReach.values()].some(({ device }) => device === "beacon");
    if (near) this.#say(BEACON_SAYS, await this.#options.beacon(nonce));
  }

  async #pay(payload: Buffer): Promise<void> {
    const order: HandedOrder = {
      handoff: uuidOf(payload),
      amount: Number(payload.readBigUInt64BE(16)),
      currency: payload.toString("ascii", 25, 28) as Currency,
    };
    this.#report(payload, await this.#options.terminal.pay(order, textAt(payload, 28)));
  }

  async #ask(what: "status" | "cancel", payload: Buffer): Promise<void> {
    const result = await this.#options.terminal[what](uuidOf(payload), textAt(payload, 16));
    if (result !== null) this.#report(payload, result);
  }

  #report(order: Buffer, result: TerminalOutcome | "cancelled"): void {
    const outcome = result === "cancelled" ? "cancelled" : result.outcome;
    const reference = Buffer.from((result === "cancelled" ? null : result.reference) ?? "", "ascii");
    const head = Buffer.of(OUTCOMES[outcome], reference.length);
    this.#say(PAY_OUTCOME, Buffer.concat([order.subarray(0, 16), head, reference]));
  }

  #say(type: number, payload: Uint8Array): void {
    this.#wire?.write(encodeFrame(type, payload));
  }
}

function uuidOf(payload: Buffer): string {
  return payload.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function textAt(payload: Buffer, at: number): string {
  const size = payload[at] ?? 0;
  return payload.toString("ascii", at + 1, at + 1 + size);
}
