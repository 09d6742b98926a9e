import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { romContents, slotContents, writeChip, type Board, type Contents, type Installed } from "./flash-files.ts";
import { startMachine, type MachineOptions } from "./machine.ts";
import { Monitor } from "./monitor.ts";

/** No answer of the image takes longer, a verification and a download included. */
const ANSWER_MS = 20_000;

/** An emulated board on the bench: power, its log, and the control line that test images listen to. */
export class BenchBoard {
  readonly folder = mkdtempSync(join(tmpdir(), "bench-"));
  /** Everything that bootloader and images said since the board was made. */
  log = "";
  readonly #control: Server;
  #socket: Socket | null = null;
  #heard = "";
  #heardMore: () => void = () => undefined;
  #process: ChildProcess | null = null;

  /** @param slotA the release that the factory installed */
  constructor(bootloader: Uint8Array, board: Board, slotA: Installed | null, more: Contents = []) {
    writeChip(join(this.folder, "rom"), romContents(bootloader, board));
    writeChip(join(this.folder, "flash"), [...(slotA === null ? [] : slotContents("slotA", slotA)), ...more]);
    this.#control = createServer((socket) => {
      this.#socket = socket;
      socket.on("data", (bytes: Buffer) => this.#hear(bytes.toString("latin1")));
      socket.on("error", () => undefined);
    });
    this.#control.listen(join(this.folder, "control"));
  }

  get flashFile(): string {
    return join(this.folder, "flash");
  }

  powerOn(options: Pick<MachineOptions, "once" | "counted"> = {}): void {
    this.#process = startMachine({
      rom: join(this.folder, "rom"),
      flash: this.flashFile,
      sockets: { control: join(this.folder, "control") },
      qmp: join(this.folder, "qmp"),
      ...options,
    });
    this.#process.stdout?.on("data", (bytes: Buffer) => {
      this.log += bytes.toString("latin1");
      this.#heardMore();
    });
    this.#process.stderr?.on("data", (bytes: Buffer) => (this.log += bytes.toString("latin1")));
  }

  /** As a battery that is pulled. */
  async powerOff(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    this.#heard = "";
  }

  /** All RAM as it is now. */
  async memory(): Promise<Buffer> {
    const monitor = await Monitor.connect(join(this.folder, "qmp"));
    try {
      return await monitor.memory(join(this.folder, "memory"));
    } finally {
      monitor.close();
    }
  }

  /** The emulator's exit status, once it has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.#process;
    if (child === null) throw new Error("the board is off");
    if (child.exitCode === null) await once(child, "exit", { signal: AbortSignal.timeout(ANSWER_MS) });
    return child.exitCode;
  }

  send(bytes: Uint8Array | string): void {
    if (this.#socket === null) throw new Error("the image does not listen");
    this.#socket.write(bytes);
  }

  /** The next line on the control channel. @throws Error with the log when none comes */
  async line(): Promise<string> {
    await this.#until(() => this.#heard.includes("\n"), "a line");
    const end = this.#heard.indexOf("\n");
    const line = this.#heard.slice(0, end);
    this.#heard = this.#heard.slice(end + 1);
    return line;
  }

  /** How the next image introduces itself: `app <slot> <version> <trial|confirmed> <reset reason>`. */
  async introduction(): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line !== "READY") return line;
    }
  }

  /** Waits until the log says this, from where it stood at the call on. */
  async says(text: string): Promise<void> {
    const from = this.log.length;
    await this.#until(() => this.log.includes(text, from), `"${text}"`);
  }

  /**
   * Has the image take an update, answering its questions for ranges.
   * @param upTo ranges that are answered; the one after them is not
   * @returns what the image says of its end; null when a range was left unanswered
   */
  async update({ image, manifest }: Installed, upTo = Infinity): Promise<string | null> {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(manifest.length);
    this.send(Buffer.concat([Buffer.from("u"), size, manifest]));
    for (let answered = 0; ; answered += 1) {
      const line = await this.line();
      const range = /^range (\d+) (\d+)$/.exec(line);
      if (range === null) return line;
      if (answered >= upTo) return null;
      this.send(image.subarray(Number(range[1]), Number(range[2]) + 1));
    }
  }

  async end(): Promise<void> {
    await this.powerOff();
    this.#socket?.destroy();
    await new Promise((resolve) => this.#control.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #hear(text: string): void {
    this.#heard += text;
    this.#heardMore();
  }

  async #until(isThere: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + ANSWER_MS;
    while (!isThere()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`the board did not say ${what}; its log:\n${this.log.slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 250));
        this.#heardMore = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
