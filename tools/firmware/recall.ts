import { createHash } from "node:crypto";
import { REGISTER, type Debugger } from "./debugger.ts";

/** A function that does nothing but compute: the same state before it is the same state after it. */
export interface Pure {
  /** Of its first instruction. */
  readonly entry: number;
  /** The memory that it may read or write, besides what can't change; end exclusive. The stack is its end. */
  readonly memory: { readonly from: number; readonly stack: number; readonly to: number };
}

/**
 * What lies below the stack pointer at a call. `kept`: it is part of the state. `cleared`: it is zeroed first, so that
 * states that differ in nothing else are one. No program without a mistake reads it, so this is for whoever has spent
 * the one mistake that is made: a function that is wrong later could be wrong by what lies there.
 */
export type BelowStack = "kept" | "cleared";

/** What a call made of the machine. */
interface After {
  readonly registers: Uint32Array;
  readonly memory: Buffer;
}

/** Every so many calls that are known run all the same, and must end as they did before. */
const CHECKED = 50;
/** Bytes that are still cheaper to write with the run before them than apart. */
const GAP = 16;

/**
 * Runs a machine under the debugger and computes a slow pure function once for each state that it is called in: where
 * all registers and all memory are what they were at an earlier call, they become what that call left. A machine that
 * a skipped instruction brought to another state computes it anew.
 */
export class Recall {
  readonly #debug: Debugger;
  readonly #pure: Pure;
  readonly #known = new Map<string, After>();
  #calls = 0;

  constructor(debug: Debugger, pure: Pure) {
    this.#debug = debug;
    this.#pure = pure;
  }

  /**
   * Runs until a breakpoint of the caller's.
   * @param ms for each stretch between two calls
   * @param below what to do with dead memory at a call
   * @returns where it stands; null when it had to be stopped
   * @throws Error when a call with a known state ended otherwise than before
   */
  async run(ms: number, below: BelowStack): Promise<number | null> {
    const { entry } = this.#pure;
    await this.#debug.breakAt(entry);
    let at = await this.#debug.run(ms);
    while (at === entry) {
      const registers = await this.#debug.registers();
      const memory = await this.#memory();
      if (below === "cleared") await this.#clearBelow(registers[REGISTER.sp] ?? 0, memory);
      const key = createHash("sha256").update(registers).update(memory).digest("base64");
      const known = this.#known.get(key);
      this.#calls += 1;
      if (known !== undefined && this.#calls % CHECKED !== 0) {
        await this.#become(known, registers, memory);
        at = await this.#debug.run(ms);
        continue;
      }
      const back = registers[REGISTER.ra] ?? 0;
      await this.#debug.unbreakAt(entry);
      await this.#debug.breakAt(back);
      at = await this.#debug.run(ms);
      await this.#debug.unbreakAt(back);
      if (at !== back) return at;
      const after = { registers: await this.#debug.registers(), memory: await this.#memory() };
      if (known !== undefined && !isSame(known, after)) throw new Error("the function is not pure");
      this.#known.set(key, after);
      await this.#debug.breakAt(entry);
      at = await this.#debug.run(ms);
    }
    await this.#debug.unbreakAt(entry);
    return at;
  }

  #memory(): Promise<Buffer> {
    const { from, to } = this.#pure.memory;
    return this.#debug.memory(from, to - from);
  }

  async #clearBelow(stackPointer: number, memory: Buffer): Promise<void> {
    const { from, stack, to } = this.#pure.memory;
    if (stackPointer <= stack || stackPointer > to) return;
    memory.fill(0, stack - from, stackPointer - from);
    await this.#debug.setMemory(stack, Buffer.alloc(stackPointer - stack));
  }

  async #become(after: After, registers: Uint32Array, memory: Buffer): Promise<void> {
    for (const [register, value] of after.registers.entries())
      if (value !== registers[register]) await this.#debug.setRegister(register, value);
    for (const [from, to] of changes(memory, after.memory))
      await this.#debug.setMemory(this.#pure.memory.from + from, after.memory.subarray(from, to));
  }
}

function isSame(a: After, b: After): boolean {
  return a.memory.equals(b.memory) && a.registers.every((value, register) => value === b.registers[register]);
}

/** Where two buffers of one size differ: from, to (exclusive). */
export function changes(before: Buffer, after: Buffer): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < after.length; at += 1) {
    if (before[at] === after[at]) continue;
    const last = found.at(-1);
    if (last !== undefined && at - last[1] < GAP) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}
