import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildFolder } from "../cart-fw/build.ts";
import { makeFirmwareSigners } from "../platform/firmware-signers.ts";
import { BenchBoard } from "./bench-board.ts";
import { ROOT } from "../platform/root.ts";
import { deepest, readCallGraph, tabled, type Depth } from "./call-graph.ts";
import { symbolsOf } from "./disassembly.ts";
import { modulesIn, type ModuleSize } from "./modules.ts";
import { boardOf, buildFirmware, signedRelease, type Built } from "./release.ts";

export interface ProgramSize {
  readonly program: string;
  readonly modules: readonly ModuleSize[];
  /** Bytes. */
  readonly flash: number;
  /** Variables, without the stack. */
  readonly variables: number;
  readonly stack: number;
  /** The deepest chain of calls from `main`. */
  readonly deepest: Depth;
}

export interface Figures {
  readonly programs: readonly ProgramSize[];
  /** Bytes of the bootloader's stack that a boot has touched. */
  readonly bootStackMark: number;
  /** Bytes of an image's stack that an update, its verification and its confirmation have touched. */
  readonly updateStackMark: number;
  /** Instructions from reset to the image's first. */
  readonly bootInstructions: number;
  /** Bytes of the image that was booted. */
  readonly bootedImage: number;
}

/** What start.S paints a stack with. */
const PAINT = 0xc5;
const RAM_AT = 0x8000_0000;
/** What a call through a pointer may be, in the emulator's port: the HAL. */
const HAL_FILES = /(?:qemu_port|flash_areas)\.c:|^flash_/;

/** Measures the emulator's build: nothing in it depends on the machine that measures. */
export async function measure(): Promise<Figures> {
  const built = await buildFirmware();
  const programs = ["cart", "bootloader"].map((program) => sizeOf(built, program));
  return { programs, ...(await marks(built)) };
}

function sizeOf(built: Built, program: string): ProgramSize {
  const folder = buildFolder("rv32");
  const map = readFileSync(join(folder, "port/qemu", `${program}.map`), "utf8");
  const symbols = symbolsOf(built.elf(program));
  const modules = modulesIn(map);
  const at = (name: string) => symbols.get(name) ?? 0;
  // Each program has a `main` of its own: its graph is its own directory's, and the libraries'.
  const graph = readCallGraph(folder, `{CMakeFiles/*.dir/**,port/qemu/CMakeFiles/{machine,${program}}.dir/**}/*.ci`);
  const pointed = [...graph.frames.keys()].filter((name) => HAL_FILES.test(name));
  return {
    program,
    modules,
    flash: (program === "bootloader" ? built.bootloader : built.image(program)).length,
    variables: at("__bss_end") - at("__bss_start") + at("__data_end") - at("__data_start"),
    stack: at("__stack_top") - at("__stack_bottom"),
    deepest: deepest(graph, "main", pointed, tabled(graph, join(ROOT, "cart-fw/core"))),
  };
}

/** Boots, updates and confirms on the bench, and looks at how far the paint is gone. */
async function marks(built: Built): Promise<Omit<Figures, "programs">> {
  const { jwks } = await makeFirmwareSigners();
  const image = built.image("ab_app");
  const first = await signedRelease(image, { version: "1.0.0", securityCounter: 1, releasedAt: 1 }, jwks);
  const longer = Buffer.concat([image, Buffer.alloc(4096, 1)]);
  const next = await signedRelease(longer, { version: "1.1.0", securityCounter: 2, releasedAt: 1 }, jwks);
  const board = new BenchBoard(built.bootloader, boardOf(jwks), first);
  try {
    board.powerOn({ counted: true });
    await board.introduction();
    board.send("b");
    const micros = Number(/^us (\d+)$/.exec(await board.line())?.[1] ?? Number.NaN);
    await board.update(next);
    board.send("c");
    await board.line();
    const memory = await board.memory();
    return {
      bootStackMark: stackMark(memory, built.elf("bootloader")),
      updateStackMark: stackMark(memory, built.elf("ab_app")),
      bootInstructions: micros * 1000,
      bootedImage: image.length,
    };
  } finally {
    await board.end();
  }
}

/** Bytes of a program's stack that were touched since it started. @param memory RAM from its first byte on */
export function stackMark(memory: Uint8Array, elf: string): number {
  const symbols = symbolsOf(elf);
  const bottom = (symbols.get("__stack_bottom") ?? 0) - RAM_AT;
  const top = (symbols.get("__stack_top") ?? 0) - RAM_AT;
  const touched = memory.subarray(bottom, top).findIndex((byte) => byte !== PAINT);
  return touched === -1 ? 0 : top - bottom - touched;
}
