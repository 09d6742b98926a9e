import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import type { Body, Channel } from "../cart-fw/body.ts";
import { FLASH, romContents, slotContents, writeChip, type Installed } from "./flash-files.ts";
import { startMachine } from "./machine.ts";
import { Monitor } from "./monitor.ts";
import { boardOf, buildFirmware, signedRelease, type SignerJwks } from "./release.ts";

/** What is in slot A as the cart leaves the factory: a release, or the cart's image as one that these sign. */
export type Flashed =
  | { readonly signers: SignerJwks }
  | { readonly installed: Installed & { readonly digest: string }; readonly signers: SignerJwks };

const FIRST = { version: "1.0.0", securityCounter: 1, releasedAt: 1 };

/**
 * A body for `CartMachine`: the emulator with bootloader, release and factory's record in its flash.
 * @param folder for its files and sockets; a Unix socket's path is at most 107 bytes
 */
export async function emulatorBody(flashed: Flashed, factory: Uint8Array, folder: string): Promise<Body> {
  const { signers } = flashed;
  const built = await buildFirmware();
  const installed =
    "installed" in flashed ? flashed.installed : await signedRelease(built.image("cart"), FIRST, signers);
  writeChip(join(folder, "rom"), romContents(built.bootloader, boardOf(signers)));
  writeChip(join(folder, "flash"), [...slotContents("slotA", installed), [FLASH.factory.at, factory]]);
  return new EmulatorBody(folder, installed.digest);
}

class EmulatorBody implements Body {
  readonly digest: string;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  #monitor: Monitor | null = null;

  constructor(folder: string, digest: string) {
    this.#folder = folder;
    this.digest = digest;
  }

  async powerOn(sockets: Readonly<Record<Channel, string>>): Promise<void> {
    const qmp = join(this.#folder, "qmp");
    this.#process = startMachine({
      rom: join(this.#folder, "rom"),
      flash: join(this.#folder, "flash"),
      sockets,
      qmp,
    });
    let said = "";
    this.#process.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString("utf8")));
    try {
      this.#monitor = await Monitor.connect(qmp);
    } catch {
      throw new Error(`the emulator does not start: ${said}`);
    }
  }

  async powerOff(): Promise<void> {
    this.#monitor?.close();
    this.#monitor = null;
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async memory(): Promise<Buffer> {
    if (this.#monitor === null) throw new Error("the cart is off: its memory is gone");
    return this.#monitor.memory(join(this.#folder, "memory"));
  }

  flash(): Promise<Buffer> {
    return Promise.resolve(readFileSync(join(this.#folder, "flash")));
  }
}
