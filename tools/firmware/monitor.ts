import { readFileSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** RAM of the emulated machine: all that the firmware could have written to. */
const RAM_AT = 0x8000_0000;
const RAM_BYTES = 8 * 1024 * 1024;
/** QEMU opens the socket while it starts. */
const CONNECT_ATTEMPTS = 200;

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

/** The emulator's own monitor (QEMU Machine Protocol): what a technician's probe is to a board. */
export class Monitor {
  readonly #socket: Socket;
  #text = "";
  #waiting: ((reply: Reply) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#hear(bytes.toString("utf8")));
    socket.on("error", () => undefined);
  }

  /** @throws Error when the emulator does not open its socket */
  static async connect(path: string): Promise<Monitor> {
    const monitor = new Monitor(await connected(path));
    await monitor.ask("qmp_capabilities");
    return monitor;
  }

  /** @throws Error with what the emulator says against it */
  async ask(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(JSON.stringify({ execute, arguments: args }));
    });
    if (reply.error !== undefined) throw new Error(`${execute}: ${reply.error.desc}`);
    return reply.return;
  }

  /** All RAM at one moment. @param file that may be written and is removed */
  async memory(file: string): Promise<Buffer> {
    await this.ask("stop");
    await this.ask("pmemsave", { val: RAM_AT, size: RAM_BYTES, filename: file });
    await this.ask("cont");
    const bytes = readFileSync(file);
    rmSync(file);
    return bytes;
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as Reply & { readonly event?: string; readonly QMP?: unknown };
      if (message.event === undefined && message.QMP === undefined) this.#waiting.shift()?.(message);
    }
  }
}

/** A socket that somebody is about to listen on. @throws Error when nobody does */
export async function connected(path: string): Promise<Socket> {
  for (let attempt = 0; ; attempt += 1) {
    const socket = createConnection(path);
    const error = await new Promise<Error | null>((resolve) => {
      socket.once("connect", () => resolve(null));
      socket.once("error", resolve);
    });
    if (error === null) return socket;
    if (attempt === CONNECT_ATTEMPTS) throw error;
    await pause(20);
  }
}
