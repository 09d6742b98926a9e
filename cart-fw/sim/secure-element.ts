import { randomBytes } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import type { ElementJwk } from "../../tools/cart/secure-element.ts";
import type { Peripheral, Wire } from "./wire.ts";

const WAKE = 0x00;
const IDLE = 0x02;
const COMMAND = 0x03;
/** count, opcode, p1, p2 (2), CRC (2). */
const SHORTEST = 7;
const LONGEST = 7 + 128;

const STATUS = {
  ok: 0x00,
  mismatch: 0x01,
  parse: 0x03,
  execution: 0x0f,
  woken: 0x11,
  watchdog: 0xee,
  crc: 0xff,
} as const;

/** What the chip may do wrong; each entry is used up by the next answer. */
export type ElementFault = "silent" | "crc" | "noise" | "watchdog" | "command_crc" | "asleep";

/** The data sheet's CRC-16: polynomial 8005, bits of each byte from the least. */
export function elementCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit += 1) {
      const differs = ((byte >> bit) & 1) !== crc >> 15;
      crc = (crc << 1) & 0xffff;
      if (differs) crc ^= 0x8005;
    }
  return crc;
}

export interface ElementOptions {
  /** The cart's key, as the factory made it. */
  readonly privateJwk: ElementJwk;
  /** The chip's own serial, 9 bytes. */
  readonly serial?: Uint8Array;
  readonly random?: (size: number) => Uint8Array;
}

/**
 * An ATECC608 by its wire format: Sign, Verify (external), Nonce (pass-through), GenKey (public), Counter, Random, Info
 * and Read of the configuration zone. It signs bare digests, as the chip does, and keeps its counters and its key over
 * the cart's power losses; TempKey it loses.
 */
export class SecureElementSimulator implements Peripheral {
  /** Faults to come, in order; `null` lets one answer pass. */
  readonly faults: (ElementFault | null)[] = [];
  /** Operations that were carried out, by opcode. */
  readonly done = new Map<number, number>();
  readonly counters: [number, number] = [0, 0];
  readonly #key: Uint8Array;
  readonly #point: Uint8Array;
  readonly #serial: Uint8Array;
  readonly #random: (size: number) => Uint8Array;
  #wire: Wire | null = null;
  #bytes = Buffer.alloc(0);
  #awake = false;
  #tempKey: Uint8Array | null = null;

  constructor(options: ElementOptions) {
    this.#key = Buffer.from(options.privateJwk.d ?? "", "base64url");
    this.#point = p256.getPublicKey(this.#key, false).subarray(1);
    this.#serial = options.serial ?? Buffer.from("0123d4a5c6e7f801ee", "hex");
    this.#random = options.random ?? randomBytes;
  }

  /** X and Y, 64 bytes. */
  get point(): Uint8Array {
    return this.#point;
  }

  start(wire: Wire): void {
    this.#wire = wire;
    this.#bytes = Buffer.alloc(0);
    this.#awake = false;
    this.#tempKey = null;
  }

  receive(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const [word, count = 0] = this.#bytes;
      if (word === undefined) return;
      if (word === COMMAND && this.#bytes.length < 2) return;
      const commands = word === COMMAND && count >= SHORTEST && count <= LONGEST;
      if (commands && this.#bytes.length < count + 1) return;
      const size = commands ? count + 1 : 1;
      const packet = this.#bytes.subarray(1, size);
      this.#bytes = this.#bytes.subarray(size);
      if (word === WAKE) this.#wake();
      else if (word === IDLE) this.#awake = false;
      else if (commands && this.#awake) this.#execute(packet);
    }
  }

  #wake(): void {
    if (this.faults[0] === "asleep") {
      this.faults.shift();
      return;
    }
    this.#awake = true;
    this.#answer(Uint8Array.of(STATUS.woken), false);
  }

  #execute(packet: Buffer): void {
    const body = packet.subarray(0, -2);
    const fault = this.faults[0];
    if (fault === "command_crc" || elementCrc(body) !== packet.readUInt16LE(packet.length - 2)) {
      if (fault === "command_crc") this.faults.shift();
      this.#answer(Uint8Array.of(STATUS.crc), false);
      return;
    }
    if (fault === "watchdog") {
      this.faults.shift();
      this.#answer(Uint8Array.of(STATUS.watchdog), false);
      return;
    }
    const [, opcode = 0, p1 = 0] = body;
    const result = this.#run(opcode, p1, body.readUInt16LE(3), body.subarray(5));
    this.done.set(opcode, (this.done.get(opcode) ?? 0) + 1);
    this.#answer(typeof result === "number" ? Uint8Array.of(result) : result, true);
  }

  #run(opcode: number, p1: number, p2: number, data: Buffer): Uint8Array | number {
    switch (opcode) {
      case 0x16:
        return this.#nonce(p1, p2, data);
      case 0x41:
        return this.#sign(p1, p2, data);
      case 0x45:
        return this.#verify(p1, p2, data);
      case 0x40:
        return p1 === 0 && p2 === 0 && data.length === 0 ? this.#point : STATUS.parse;
      case 0x1b:
        return p1 <= 1 && p2 === 0 && data.length === 0 ? this.#random(32) : STATUS.parse;
      case 0x30:
        // Revision of an ATECC608B.
        return p1 === 0 && p2 === 0 ? Uint8Array.of(0x00, 0x00, 0x60, 0x03) : STATUS.parse;
      case 0x02:
        return p1 === 0x80 && p2 === 0 ? this.#configuration() : STATUS.parse;
      case 0x24:
        return this.#counter(p1, p2);
      default:
        return STATUS.parse;
    }
  }

  #nonce(p1: number, p2: number, data: Buffer): number {
    if (p1 !== 0x03 || p2 !== 0 || data.length !== 32) return STATUS.parse;
    this.#tempKey = Uint8Array.from(data);
    return STATUS.ok;
  }

  #sign(p1: number, p2: number, data: Buffer): Uint8Array | number {
    if (p1 !== 0x80 || p2 !== 0 || data.length !== 0) return STATUS.parse;
    const digest = this.#tempKey;
    if (digest === null) return STATUS.execution;
    this.#tempKey = null;
    return p256.sign(digest, this.#key, { prehash: false, lowS: false, extraEntropy: true });
  }

  #verify(p1: number, p2: number, data: Buffer): number {
    if (p1 !== 0x02 || p2 !== 0x0004 || data.length !== 128) return STATUS.parse;
    const digest = this.#tempKey;
    if (digest === null) return STATUS.execution;
    this.#tempKey = null;
    const point = Buffer.concat([Buffer.of(0x04), data.subarray(64)]);
    if (!isOnCurve(point)) return STATUS.execution;
    const good = p256.verify(data.subarray(0, 64), digest, point, { prehash: false, lowS: false });
    return good ? STATUS.ok : STATUS.mismatch;
  }

  #configuration(): Uint8Array {
    const zone = new Uint8Array(32);
    zone.set(this.#serial.subarray(0, 4), 0);
    zone.set(this.#serial.subarray(4, 9), 8);
    return zone;
  }

  #counter(p1: number, p2: number): Uint8Array | number {
    if (p1 > 1 || p2 > 1) return STATUS.parse;
    const which = p2 as 0 | 1;
    this.counters[which] += p1;
    const out = Buffer.alloc(4);
    out.writeUInt32LE(this.counters[which]);
    return out;
  }

  #answer(data: Uint8Array, faulty: boolean): void {
    const packet = Buffer.alloc(data.length + 3);
    packet[0] = packet.length;
    packet.set(data, 1);
    packet.writeUInt16LE(elementCrc(packet.subarray(0, -2)), packet.length - 2);
    const fault = faulty ? this.faults.shift() : null;
    if (fault === "silent") return;
    if (fault === "crc") packet[packet.length - 1] = (packet.at(-1) ?? 0) ^ 0xff;
    if (fault === "noise") this.#wire?.write(Buffer.from([0x00, 0x7f, 0x02]));
    this.#wire?.write(packet);
  }
}

function isOnCurve(point: Uint8Array): boolean {
  try {
    p256.Point.fromBytes(point).assertValidity();
    return true;
  } catch {
    return false;
  }
}
