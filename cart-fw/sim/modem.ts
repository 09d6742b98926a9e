import { noFaults, type ModemFaults } from "./modem-faults.ts";
import { ModemSocket, type Network } from "./modem-socket.ts";
import { emptyTraffic, type ModemTraffic } from "./modem-traffic.ts";
import type { Peripheral, Wire } from "./wire.ts";

/** The modem's longest read. */
const READ_MAX = 1_500;
/** The longest write that it takes in one command. */
const WRITE_MAX = 1_460;

const CEREG = { home: 1, searching: 2 } as const;

export interface ModemOptions extends Network {
  /** Signal, 0 to 31 (27.007, 8.5). */
  readonly signal?: number;
}

/**
 * An LTE-M modem with Quectel's commands and URCs, whose TLS socket is a real one: it checks the server's name and its
 * certificate against the pinned authority.
 */
export class ModemSimulator implements Peripheral {
  readonly faults: ModemFaults = noFaults();
  readonly traffic: ModemTraffic = emptyTraffic();
  /** Commands as they came. */
  readonly commands: string[] = [];
  readonly #options: ModemOptions;
  readonly #socket: ModemSocket;
  #wire: Wire | null = null;
  #line = Buffer.alloc(0);
  #echoes = true;
  #tellsRegistration = false;
  #registered = true;
  #active = false;
  #awaiting = 0;
  #context = new Map<string, string>();
  /** Answers leave in order, whatever holds one of them back. */
  #out: Promise<void> = Promise.resolve();
  /** Of an earlier power-on: nothing of it may be written any more. */
  #life = 0;

  constructor(options: ModemOptions) {
    this.#options = options;
    this.#socket = new ModemSocket({
      network: options,
      faults: this.faults,
      traffic: this.traffic,
      say: (urc) => this.#say(urc),
    });
  }

  start(wire: Wire): void {
    this.#wire = wire;
    this.#life += 1;
    this.#line = Buffer.alloc(0);
    this.#awaiting = 0;
    this.#out = Promise.resolve();
    this.#echoes = true;
    this.#socket.free();
  }

  stop(): void {
    this.#life += 1;
    this.#wire = null;
    this.#socket.free();
  }

  get registered(): boolean {
    return this.#registered;
  }

  /** Into a place without coverage, or back. */
  register(registered: boolean): void {
    if (registered === this.#registered) return;
    this.#registered = registered;
    if (!registered) {
      this.#active = false;
      this.#socket.free();
    }
    if (this.#tellsRegistration) this.#say(`+CEREG: ${registered ? CEREG.home : CEREG.searching}`);
  }

  /** The network cuts the connection without a word to anybody: a NAT's entry timed out. */
  forgetConnection(): void {
    this.#socket.cut();
  }

  /** The modem starts anew by itself. */
  restart(): void {
    this.#awaiting = 0;
    this.#echoes = true;
    this.#tellsRegistration = false;
    this.#active = false;
    this.#socket.free();
    this.#say("RDY");
  }

  receive(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#awaiting > 0) {
        const taken = rest.subarray(0, this.#awaiting - this.#line.length);
        this.#line = Buffer.concat([this.#line, taken]);
        rest = rest.subarray(taken.length);
        if (this.#line.length === this.#awaiting) this.#send();
        continue;
      }
      const end = rest.indexOf(0x0d);
      this.#line = Buffer.concat([this.#line, end < 0 ? rest : rest.subarray(0, end)]);
      if (end < 0) return;
      rest = rest.subarray(end + 1);
      const command = this.#line.toString("latin1").trim();
      this.#line = Buffer.alloc(0);
      if (command !== "") this.#command(command);
    }
  }

  #command(command: string): void {
    this.commands.push(command);
    if (this.#echoes || this.faults.echo) this.#write(`${command}\r`);
    for (const [prefix, left] of this.faults.errors)
      if (left > 0 && command.startsWith(prefix)) {
        this.faults.errors.set(prefix, left - 1);
        this.#say("ERROR");
        return;
      }
    this.#say(...this.#answer(command));
  }

  /** The lines of a command's answer; none where the answer comes in its own time. */
  #answer(command: string): string[] {
    const [, name = "", value] = /^AT([A-Z0-9+]*\??)(?:=(.*))?$/.exec(command) ?? [];
    switch (name) {
      case "":
      case "E0":
      case "E1":
        if (name !== "") this.#echoes = name === "E1";
        return ["OK"];
      case "+CEREG":
        this.#tellsRegistration = value === "1";
        return ["OK"];
      case "+CEREG?":
        return [`+CEREG: ${this.#tellsRegistration ? 1 : 0},${this.#registered ? CEREG.home : CEREG.searching}`, "OK"];
      case "+CSQ":
        return [`+CSQ: ${this.#registered ? (this.#options.signal ?? 20) : 99},99`, "OK"];
      case "+QSSLCFG":
        return [this.#configure(value ?? "") ? "OK" : "ERROR"];
      case "+QICSGP":
        return [/^1,1,"[^"]*"$/.test(value ?? "") ? "OK" : "ERROR"];
      case "+QIACT":
        if (value !== "1" || !this.#registered || this.#active) return ["ERROR"];
        this.#active = true;
        return ["OK"];
      case "+QIDEACT":
        this.#active = false;
        this.#socket.free();
        return ["OK"];
      case "+QSSLOPEN":
        return this.#open(value ?? "");
      case "+QSSLSEND":
        return this.#prompt(value ?? "");
      case "+QSSLRECV":
        return this.#read(value ?? "");
      case "+QSSLCLOSE":
        if (value !== "0" || !this.#socket.isTaken) return ["ERROR"];
        this.#socket.free();
        return ["OK"];
      default:
        return ["ERROR"];
    }
  }

  #configure(value: string): boolean {
    const [, key, setting] = /^"([a-z]+)",1,(.+)$/.exec(value) ?? [];
    if (key === undefined || setting === undefined) return false;
    this.#context.set(key, setting);
    return true;
  }

  #open(value: string): string[] {
    const [, host = "", port = ""] = /^1,1,0,"([^"]+)",(\d+),0$/.exec(value) ?? [];
    if (host === "" || !this.#active || this.#socket.isTaken) return ["ERROR"];
    const verifies = this.#context.get("seclevel") === "1" && this.#context.get("cacert") === '"root.pem"';
    this.#socket.open(host, Number(port), verifies);
    return ["OK"];
  }

  #prompt(value: string): string[] {
    const [, size = "0"] = /^0,(\d+)$/.exec(value) ?? [];
    if (Number(size) < 1 || Number(size) > WRITE_MAX || !this.#socket.isWritable) return ["ERROR"];
    this.#awaiting = Number(size);
    this.#write("\r\n> ");
    return [];
  }

  #send(): void {
    const data = this.#line;
    this.#line = Buffer.alloc(0);
    this.#awaiting = 0;
    if (this.#echoes || this.faults.echo) this.#write(data);
    if (!this.#socket.isWritable || this.faults.sendFails > 0) {
      this.faults.sendFails = Math.max(0, this.faults.sendFails - 1);
      this.#say("SEND FAIL");
      return;
    }
    this.#socket.write(data);
    this.#say("SEND OK");
  }

  #read(value: string): string[] {
    const [, size = "0"] = /^0,(\d+)$/.exec(value) ?? [];
    if (Number(size) < 1 || Number(size) > READ_MAX || !this.#socket.isTaken) return ["ERROR"];
    const data = this.#socket.read(Number(size));
    this.#write(Buffer.concat([Buffer.from(`\r\n+QSSLRECV: ${data.length}\r\n`), data, Buffer.from("\r\n\r\nOK\r\n")]));
    return [];
  }

  #say(...lines: string[]): void {
    for (const line of lines) {
      if (this.faults.chatter) this.#write('\r\n+QIND: "csq",20,99\r\n');
      this.#write(`\r\n${line}\r\n`);
    }
  }

  #write(bytes: Uint8Array | string): void {
    const { oneByte, mergeMs, stallMs } = this.faults;
    this.faults.stallMs = 0;
    const before = this.#out;
    this.#out = this.#writeAfter(before, Buffer.from(bytes), {
      life: this.#life,
      waitMs: Math.max(stallMs, mergeMs),
      oneByte,
    });
  }

  async #writeAfter(
    before: Promise<void>,
    bytes: Buffer,
    { life, waitMs, oneByte }: { life: number; waitMs: number; oneByte: boolean },
  ): Promise<void> {
    await before;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    for (const part of oneByte ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes]) {
      if (life === this.#life) this.#wire?.write(part);
      if (oneByte) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
