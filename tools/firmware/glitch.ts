import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { parseTwoSignerFrame, twoSignerFrame } from "../../protocol/cart/cose-sign.ts";
import { crc32c } from "../cart-fw/factory-record.ts";
import { Debugger, REGISTER } from "./debugger.ts";
import { instructionsOf, symbolsOf, type Instruction } from "./disassembly.ts";
import { FLASH, romContents, slotContents, writeChip, type Contents } from "./flash-files.ts";
import { startMachine } from "./machine.ts";
import { Monitor } from "./monitor.ts";
import { Recall } from "./recall.ts";
import { boardOf, signedRelease, type Built, type SignerJwks } from "./release.ts";

/** What is wrong with the image that must not boot. */
export const FORGERIES = ["body", "signature", "counter"] as const;
/** `nothing`: an honest image, by which a campaign shows that it would notice one that boots. */
export type Forgery = (typeof FORGERIES)[number] | "nothing";

/** Where an image is copied to and jumped at: cart-fw/port/qemu/map.h. */
const IMAGE_AT = 0x8000_0000;
/** Where a hart of QEMU's `virt` begins (hw/riscv/virt.c, VIRT_MROM). */
const RESET_VECTOR = 0x1000;
const FLASH_AT = 0x2200_0000;
const IMAGE_BYTES = 4096;
const RECORD_BYTES = 64;
/** cart-fw/core/ota.h. */
const ROUND_TRIP_ACCEPTED = 0x3c96_a5e1;
/** RISC-V's `jal zero, 0`: wherever the bootloader lands in the image, it stays there to be seen. */
const STAY = Buffer.of(0x6f, 0, 0, 0);
/** A boot takes a twentieth of a second; one that a skip made endless is given up after this. */
const BOOT_MS = 1_500;

/** The functions that decide whether an image runs. */
const DECIDE =
  /^(?:main|start|prove|try_\w+|boot_\w+|manifest_verdict|verdict_of|find_signers|find_point.*|manifest_admit|cose_sign_digest|ota_slot_manifest|ota_record_read|crc32c|sha256|sha256_end|memcmp|memcpy)$/;
/** What takes nearly all of a boot's time, and depends on nothing but its state. */
const SLOW = "p256_verify";
/** Of it or called in it: their instructions may be reached first while it runs. */
const IN_SLOW = /^(?:p256_verify|has_x|memcmp|memcpy)$/;
/** What else could turn a wrong signature into a good one: with a good one, a skip in here does no more than refuse it. */
const VERIFY = /^(?:p256_verify|has_x)$/;

export interface Campaign {
  /** Skips that were reached: one run each. */
  readonly skips: number;
  /** Instructions whose skip booted the forged image. */
  readonly booted: readonly Instruction[];
}

/**
 * Boots a forged image once for each instruction of the functions that decide, skipping that instruction the first time
 * it is reached. The machine is reset each time; what its flash holds never changes.
 * @param part of how many, for campaigns side by side: this one takes every n-th instruction
 */
export async function skipWhileBooting(
  built: Built,
  signers: SignerJwks,
  forgery: Forgery,
  part: { readonly index: number; readonly of: number },
): Promise<Campaign> {
  const elf = built.elf("bootloader");
  const symbols = symbolsOf(elf);
  const isWanted = (name: string) => DECIDE.test(name) || (forgery === "signature" && VERIFY.test(name));
  const all = instructionsOf(elf, isWanted);
  const at = (name: string): number => {
    const address = symbols.get(name);
    if (address === undefined) throw new Error(`the bootloader has no ${name}`);
    return address;
  };
  const board = await Bench.start(romContents(built.bootloader, boardOf(signers)), await forged(signers, forgery));
  const memory = { from: at("__data_start"), stack: at("__stack_bottom"), to: at("__stack_top") };
  const recall = new Recall(board.debug, { entry: at(SLOW), memory });
  const booted: Instruction[] = [];
  let skips = 0;
  try {
    for (const name of ["machine_halt", "trap"]) await board.debug.breakAt(at(name));
    await board.debug.breakAt(IMAGE_AT);
    for (const instruction of all.filter((_, i) => i % part.of === part.index)) {
      await board.reset(memory);
      const outcome = await skipOnce(board.debug, recall, instruction);
      if (outcome === "not_reached") continue;
      skips += 1;
      if (outcome === "booted") booted.push(instruction);
    }
  } finally {
    await board.end();
  }
  return { skips, booted };
}

/**
 * Calls the firmware's `ota_confirm` without evidence of an accepted round trip, once for each of its instructions,
 * skipping that one. What must not happen is that a record stands in flash that any reader believes: the counter would
 * have risen, and a trial would be over.
 */
export async function skipWhileConfirming(built: Built, signers: SignerJwks): Promise<Campaign> {
  const elf = built.elf("ab_app");
  const symbols = symbolsOf(elf);
  const at = (name: string): number => {
    const address = symbols.get(name);
    if (address === undefined) throw new Error(`the image has no ${name}`);
    return address;
  };
  const release = await signedRelease(
    built.image("ab_app"),
    { version: "1.0.0", securityCounter: 5, releasedAt: 1 },
    signers,
  );
  const board = await Bench.start(romContents(built.bootloader, boardOf(signers)), slotContents("slotA", release));
  const { debug } = board;
  const booted: Instruction[] = [];
  let skips = 0;
  try {
    // The image has set itself up and waits for a command: any call may begin here, and return here.
    await debug.breakAt(at("machine_wait"));
    if ((await debug.run(10_000)) !== at("machine_wait")) throw new Error("the image does not come up");
    const sp = (await debug.registers())[REGISTER.sp] ?? 0;
    const port = await debug.word(at("port"));
    await debug.breakAt(at("trap"));
    const call = async (evidence: number) => {
      await debug.setRegister(REGISTER.sp, sp);
      await debug.setRegister(REGISTER.ra, at("machine_wait"));
      await debug.setRegister(REGISTER.a0, port);
      await debug.setRegister(REGISTER.a1, evidence);
      await debug.setRegister(REGISTER.a2, 0);
      await debug.setRegister(REGISTER.pc, at("ota_confirm"));
    };
    for (const instruction of instructionsOf(elf, (name) => name === "ota_confirm")) {
      await call(0);
      if (!(await debug.isAt(instruction.address, BOOT_MS))) continue;
      skips += 1;
      await debug.setRegister(REGISTER.pc, instruction.address + instruction.size);
      await debug.run(BOOT_MS);
      if (await holdsRecord(debug)) {
        booted.push(instruction);
        return { skips, booted };
      }
    }
    await call(ROUND_TRIP_ACCEPTED);
    await debug.run(BOOT_MS);
    if (!(await holdsRecord(debug))) throw new Error("the campaign would not notice a confirmation");
  } finally {
    await board.end();
  }
  return { skips, booted };
}

/** Whether a valid record is among the first ones of the records' area, which was blank. */
async function holdsRecord(debug: Debugger): Promise<boolean> {
  const bytes = await debug.memory(FLASH_AT + FLASH.records.at, 16 * RECORD_BYTES);
  return Array.from({ length: 16 }, (_, i) => bytes.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)).some(
    (record) => crc32c(record.subarray(0, 60)) === record.readUInt32LE(60),
  );
}

async function skipOnce(
  debug: Debugger,
  recall: Recall,
  instruction: Instruction,
): Promise<"not_reached" | "refused" | "booted"> {
  const { address, size } = instruction;
  await debug.breakAt(address);
  const reached = await (IN_SLOW.test(instruction.function) ? debug.run(BOOT_MS) : recall.run(BOOT_MS, "kept"));
  await debug.unbreakAt(address);
  if (reached === null) throw new Error("a boot in which nothing is skipped does not end");
  if (reached !== address) return isInImage(reached) ? "booted" : "not_reached";
  await debug.setRegister(REGISTER.pc, address + size);
  const end = (await recall.run(BOOT_MS, "cleared")) ?? (await debug.pc());
  return isInImage(end) ? "booted" : "refused";
}

function isInImage(pc: number): boolean {
  return pc >= IMAGE_AT && pc < IMAGE_AT + IMAGE_BYTES;
}

/** A flash whose slot A holds an image that must not boot, and slot B nothing. */
async function forged(signers: SignerJwks, forgery: Forgery): Promise<Contents> {
  const image = Buffer.concat(Array.from({ length: IMAGE_BYTES / STAY.length }, () => STAY));
  const good = await signedRelease(image, { version: "1.0.0", securityCounter: 5, releasedAt: 1 }, signers);
  if (forgery === "nothing") return slotContents("slotA", good);
  if (forgery === "counter") return [...slotContents("slotA", good), [FLASH.records.at, recordOf(6)]];
  if (forgery === "body") {
    const body = Uint8Array.from(image);
    // Behind the first instruction, so that the image still begins with one that stays.
    body[IMAGE_BYTES - 1] = 1;
    return slotContents("slotA", { ...good, image: body });
  }
  return slotContents("slotA", { ...good, manifest: withoutBuilder(good.manifest) });
}

/** The first signature is wrong, which is verified first: a skip where it is reached first is one in its verification. */
function withoutBuilder(manifest: Uint8Array): Uint8Array {
  const frame = parseTwoSignerFrame(manifest);
  if (!frame.ok) throw new Error(`the manifest is ${frame.reason}`);
  const [build, release] = frame.value.signers;
  const signature = Uint8Array.from(build.signature);
  signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
  return twoSignerFrame(frame.value.payload, [{ ...build, signature }, release]);
}

/** A boot record: slot A is active, nothing is tried, this counter holds (cart-fw/core/ota_record.h). */
function recordOf(securityCounter: number): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.write("CWR1", "latin1");
  record.writeUInt32LE(1, 4);
  record.writeUInt8(0xff, 9);
  record.writeUInt32LE(securityCounter, 12);
  record.writeUInt32LE(crc32c(record.subarray(0, 60)), 60);
  return record;
}

/** A machine under the debugger. */
class Bench {
  readonly debug: Debugger;
  readonly #monitor: Monitor;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(debug: Debugger, monitor: Monitor, child: ChildProcess, folder: string) {
    this.debug = debug;
    this.#monitor = monitor;
    this.#process = child;
    this.#folder = folder;
  }

  static async start(rom: Contents, flash: Contents): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), "glitch-"));
    const [gdb, qmp] = [join(folder, "gdb"), join(folder, "qmp")];
    const [romFile, flashFile] = [join(folder, "rom"), join(folder, "flash")];
    writeChip(romFile, rom);
    writeChip(flashFile, flash);
    const child = startMachine({ rom: romFile, flash: flashFile, gdb, qmp, paused: true });
    child.stdout?.resume();
    return new Bench(await Debugger.connect(gdb), await Monitor.connect(qmp), child, folder);
  }

  /**
   * Resets processor and devices: a flash chip that a stray write brought into another mode reads as memory again.
   * Registers, which a hart keeps over a reset, are zeroed.
   * @param memory that is blank afterwards, as after a power loss; the rest of RAM keeps what the last boot left
   */
  async reset({ from, to }: { readonly from: number; readonly to: number }): Promise<void> {
    await this.#monitor.ask("system_reset");
    // The emulator resets after it has answered.
    for (let looks = 0; (await this.debug.pc()) !== RESET_VECTOR; looks += 1)
      if (looks === 1_000) throw new Error("the machine is not reset");
    for (let register = 1; register < REGISTER.pc; register += 1) await this.debug.setRegister(register, 0);
    await this.debug.setMemory(from, Buffer.alloc(to - from));
  }

  async end(): Promise<void> {
    this.debug.close();
    this.#monitor.close();
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
