import type { Socket } from "node:net";
import { connected } from "./monitor.ts";

/** Registers of RV32 by the debugger's number. */
export const REGISTER = { ra: 1, sp: 2, a0: 10, a1: 11, a2: 12, pc: 32 } as const;
const WORD = 4;
const REGISTERS = 33;
/** Bytes that QEMU takes or gives in one packet, written in hexadecimal. */
const PACKET = 2_000;

/** GDB's remote serial protocol, as far as stepping over an instruction needs it. */
export class Debugger {
  readonly #socket: Socket;
  #text = "";
  #arrived: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString("latin1");
      this.#arrived();
    });
    socket.on("error", () => undefined);
  }

  static async connect(path: string): Promise<Debugger> {
    const debug = new Debugger(await connected(path));
    // QEMU answers to register writes only once it was asked for its description of the target.
    await debug.ask("qSupported:xmlRegisters=riscv");
    await debug.ask("qXfer:features:read:target.xml:0,ffb");
    await debug.ask("?");
    return debug;
  }

  async ask(packet: string, ms = 5_000): Promise<string> {
    this.#send(packet);
    const answer = await this.#answer(ms);
    if (answer === null) throw new Error(`the debugger does not answer ${packet}`);
    return answer;
  }

  async breakAt(address: number): Promise<void> {
    if ((await this.ask(`Z1,${address.toString(16)},2`)) !== "OK") throw new Error("no breakpoint");
  }

  async unbreakAt(address: number): Promise<void> {
    if ((await this.ask(`z1,${address.toString(16)},2`)) !== "OK") throw new Error("no such breakpoint");
  }

  async registers(): Promise<Uint32Array> {
    const bytes = Buffer.from((await this.ask("g")).slice(0, REGISTERS * WORD * 2), "hex");
    return Uint32Array.from({ length: REGISTERS }, (_, i) => bytes.readUInt32LE(i * WORD));
  }

  async setRegister(register: number, value: number): Promise<void> {
    const bytes = Buffer.alloc(WORD);
    bytes.writeUInt32LE(value >>> 0);
    if ((await this.ask(`P${register.toString(16)}=${bytes.toString("hex")}`)) !== "OK") throw new Error("not set");
  }

  async pc(): Promise<number> {
    return (await this.registers())[REGISTER.pc] ?? 0;
  }

  /** Runs until a breakpoint. @returns where it stands; null when it had to be stopped after `ms` */
  async run(ms: number): Promise<number | null> {
    this.#send("c");
    if ((await this.#answer(ms)) !== null) return this.pc();
    this.#socket.write(Buffer.of(3));
    await this.#answer(5_000);
    return null;
  }

  /** Runs until this instruction. @returns false when another breakpoint came first, or nothing in `ms` */
  async isAt(address: number, ms: number): Promise<boolean> {
    if ((await this.pc()) === address) return true;
    await this.breakAt(address);
    const reached = await this.run(ms);
    await this.unbreakAt(address);
    return reached === address;
  }

  /** The word at an address. */
  async word(address: number): Promise<number> {
    return (await this.memory(address, 4)).readUInt32LE();
  }

  async memory(address: number, bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes; at += PACKET) {
      const size = Math.min(PACKET, bytes - at);
      const part = Buffer.from(await this.ask(`m${(address + at).toString(16)},${size.toString(16)}`), "hex");
      if (part.length !== size) throw new Error("no such memory");
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async setMemory(address: number, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += PACKET) {
      const part = bytes.subarray(at, at + PACKET);
      const where = `${(address + at).toString(16)},${part.length.toString(16)}`;
      if ((await this.ask(`M${where}:${part.toString("hex")}`)) !== "OK") throw new Error("not written");
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(packet: string): void {
    const sum = Buffer.from(packet, "latin1").reduce((total, byte) => total + byte, 0) & 0xff;
    this.#socket.write(`$${packet}#${sum.toString(16).padStart(2, "0")}`);
  }

  /** The next packet's content; acknowledgements are passed over. */
  async #answer(ms: number): Promise<string | null> {
    const deadline = Date.now() + ms;
    for (;;) {
      const found = /\$([^#]*)#[0-9a-f]{2}/.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length);
        this.#socket.write("+");
        return found[1] ?? "";
      }
      const left = deadline - Date.now();
      if (left <= 0) return null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
