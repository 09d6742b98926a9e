import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build } from "./build.ts";
import { CHANNELS, type Body, type Channel } from "./body.ts";

/** Where HAL_FACTORY begins in the host port's flash (cart-fw/port/host/host_port.c). */
const FACTORY_OFFSET = 4096 * (2 * 64 + 2 + 32);
const FLASH_SIZE = FACTORY_OFFSET + 4096;
/** The process ends with this when the firmware resets itself. */
const EXIT_RESET = 77;

export interface HostImage {
  /** SHA-256, hex: what the attestation policy has to allow. */
  readonly digest: string;
  readonly version: string;
  readonly securityCounter: number;
}

/** The host port's program, built. */
export async function hostProgram(): Promise<string> {
  return join(await build("host", ["cart"]), "cart");
}

/** The firmware as a process of this machine: the same core and runtime, under sanitizers, in milliseconds. */
export class HostBody implements Body {
  readonly digest: string;
  readonly #program: string;
  readonly #file: string;
  readonly #image: HostImage;
  #process: ChildProcess | null = null;
  #sockets: Readonly<Record<Channel, string>> | null = null;
  /** What it wrote to standard error: a sanitizer's report, if anything. */
  complaints = "";

  constructor(program: string, factory: Buffer, folder: string, image: HostImage) {
    this.#program = program;
    this.#file = join(folder, "flash");
    this.#image = image;
    this.digest = image.digest;
    const flash = Buffer.alloc(FLASH_SIZE, 0xff);
    factory.copy(flash, FACTORY_OFFSET);
    writeFileSync(this.#file, flash);
  }

  async powerOn(sockets: Readonly<Record<Channel, string>>): Promise<void> {
    this.#sockets = sockets;
    const { digest, version, securityCounter } = this.#image;
    const child = spawn(
      this.#program,
      [this.#file, digest, version, String(securityCounter), ...CHANNELS.map((channel) => sockets[channel])],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    child.stderr.on("data", (chunk: Buffer) => {
      this.complaints += chunk.toString();
    });
    child.once("exit", (code) => {
      if (code === EXIT_RESET && this.#process === child && this.#sockets !== null) void this.powerOn(this.#sockets);
    });
    this.#process = child;
    await once(child, "spawn");
  }

  async powerOff(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async memory(): Promise<Buffer> {
    const file = `${this.#file}.ram`;
    rmSync(file, { force: true });
    this.#process?.kill("SIGUSR1");
    for (let tries = 0; tries < 200 && !existsSync(file); tries += 1) await pause(10);
    return readFileSync(file);
  }

  async flash(): Promise<Buffer> {
    return Promise.resolve(readFileSync(this.#file));
  }
}
