import type { Peripheral, Wire } from "./wire.ts";

/** A line whose far end is a test: what the peripheral writes is kept. */
export class TestWire implements Wire {
  #bytes = Buffer.alloc(0);
  readonly #waiting = new Set<() => void>();

  constructor(peripheral: Peripheral) {
    peripheral.start(this);
  }

  write(bytes: Uint8Array | string): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(bytes)]);
    for (const look of this.#waiting) look();
  }

  /** Everything since the last time it was asked for. */
  take(): Buffer {
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return bytes;
  }

  text(): string {
    return this.take().toString("latin1");
  }

  /** Takes what was written as soon as it holds this text. @throws Error after five seconds */
  until(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no ${JSON.stringify(text)} in ${JSON.stringify(this.#bytes.toString("latin1"))}`));
      }, 5_000);
      const look = () => {
        if (!this.#bytes.includes(text, 0, "latin1")) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(this.text());
      };
      this.#waiting.add(look);
      look();
    });
  }
}
