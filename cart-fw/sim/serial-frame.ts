/** The frame of cart-fw/core/serial_frame.h: A5, type, size and CRC little endian. */
export interface SerialFrame {
  readonly type: number;
  readonly payload: Buffer;
}

const START = 0xa5;
const HEADER = 4;
const OVERHEAD = 6;
/** The longest that any line of the cart carries: a picture of twelve rows. */
const LONGEST = 1_024;

/** CRC-16/CCITT-FALSE. */
export function frameCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

export function encodeFrame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.alloc(payload.length + OVERHEAD);
  frame[0] = START;
  frame[1] = type;
  frame.writeUInt16LE(payload.length, 2);
  frame.set(payload, HEADER);
  frame.writeUInt16LE(frameCrc(frame.subarray(1, HEADER + payload.length)), HEADER + payload.length);
  return frame;
}

/** Frames out of a stream; noise is passed over byte by byte. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  reset(): void {
    this.#bytes = Buffer.alloc(0);
  }

  push(bytes: Uint8Array): SerialFrame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: SerialFrame[] = [];
    for (;;) {
      const start = this.#bytes.indexOf(START);
      this.#bytes = this.#bytes.subarray(start < 0 ? this.#bytes.length : start);
      if (this.#bytes.length < HEADER) return frames;
      const size = this.#bytes.readUInt16LE(2);
      if (size <= LONGEST && this.#bytes.length < size + OVERHEAD) return frames;
      if (size > LONGEST || !this.#checks(size)) {
        this.#bytes = this.#bytes.subarray(1);
        continue;
      }
      frames.push({ type: this.#bytes[1] ?? 0, payload: Buffer.from(this.#bytes.subarray(HEADER, HEADER + size)) });
      this.#bytes = this.#bytes.subarray(size + OVERHEAD);
    }
  }

  #checks(size: number): boolean {
    return frameCrc(this.#bytes.subarray(1, HEADER + size)) === this.#bytes.readUInt16LE(HEADER + size);
  }
}
