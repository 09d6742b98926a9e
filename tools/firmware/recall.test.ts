import { describe, expect, it } from "vitest";
import { REGISTER, type Debugger } from "./debugger.ts";
import { changes, Recall } from "./recall.ts";

const ENTRY = 0x100;
const BACK = 0x200;
const END = 0x300;
const MEMORY = { from: 0x1000, stack: 0x1010, to: 0x1040 };

/** A machine with a function at ENTRY that doubles a0, leaves its mark below the stack pointer, and is counted. */
class Machine {
  readonly memory = Buffer.alloc(MEMORY.to - MEMORY.from);
  registersNow = new Uint32Array(33);
  computed = 0;
  /** What the function adds besides: one that is not pure. */
  drift = 0;
  readonly #breaks = new Set<number>();

  begin(a0: number, residue = 0): void {
    this.registersNow.fill(0);
    this.registersNow[REGISTER.a0] = a0;
    this.registersNow[REGISTER.ra] = BACK;
    this.registersNow[REGISTER.sp] = 0x1030;
    this.registersNow[REGISTER.pc] = 0x80;
    this.memory.fill(0);
    this.memory[0x18] = residue;
  }

  readonly debug = {
    breakAt: async (address: number) => void this.#breaks.add(address),
    unbreakAt: async (address: number) => void this.#breaks.delete(address),
    registers: async () => Uint32Array.from(this.registersNow),
    setRegister: async (register: number, value: number) => void (this.registersNow[register] = value),
    memory: async () => Buffer.from(this.memory),
    setMemory: async (address: number, bytes: Buffer) => void bytes.copy(this.memory, address - MEMORY.from),
    run: async () => {
      for (;;) {
        const pc = this.registersNow[REGISTER.pc];
        if (pc === 0x80) this.registersNow[REGISTER.pc] = ENTRY;
        else if (pc === ENTRY) {
          this.computed += 1;
          this.registersNow[REGISTER.a0] = (this.registersNow[REGISTER.a0] ?? 0) * 2 + this.drift;
          this.memory[0x1c] = 0xaa;
          this.registersNow[REGISTER.pc] = BACK;
        } else this.registersNow[REGISTER.pc] = END;
        const now = this.registersNow[REGISTER.pc] ?? 0;
        if (now === END || this.#breaks.has(now)) return now;
      }
    },
  } as unknown as Debugger;
}

function made() {
  const machine = new Machine();
  return { machine, recall: new Recall(machine.debug, { entry: ENTRY, memory: MEMORY }) };
}

describe("a call that is known", () => {
  it("is not computed again, and leaves registers and memory as it did", async () => {
    const { machine, recall } = made();
    for (const times of [1, 2]) {
      machine.begin(21);
      expect(await recall.run(1, "kept")).toBe(END);
      expect([machine.registersNow[REGISTER.a0], machine.memory[0x1c], times]).toEqual([42, 0xaa, times]);
    }
    expect(machine.computed).toBe(1);
  });

  it("is another one with other registers, or with other memory", async () => {
    const { machine, recall } = made();
    machine.begin(21);
    await recall.run(1, "kept");
    machine.begin(22);
    await recall.run(1, "kept");
    expect(machine.registersNow[REGISTER.a0]).toBe(44);
    machine.begin(21, 7);
    await recall.run(1, "kept");
    expect(machine.computed).toBe(3);
  });

  it("is the same with other bytes below the stack pointer, where these are cleared", async () => {
    const { machine, recall } = made();
    for (const residue of [0, 7]) {
      machine.begin(21, residue);
      await recall.run(1, "cleared");
      expect(machine.memory[0x18]).toBe(0);
    }
    expect(machine.computed).toBe(1);
  });

  it("is computed all the same now and then, and a function that is not pure is told", async () => {
    const { machine, recall } = made();
    const many = async () => {
      for (let call = 0; call < 100; call += 1) {
        machine.begin(21);
        await recall.run(1, "kept");
      }
    };
    await many();
    expect(machine.computed).toBe(3);
    machine.drift = 1;
    await expect(many()).rejects.toThrow("not pure");
  });
});

describe("changes", () => {
  const of = (before: number[], after: number[]) => changes(Buffer.from(before), Buffer.from(after));

  it("are the runs that differ, near ones as one", () => {
    expect(of([1, 2, 3], [1, 2, 3])).toEqual([]);
    expect(of([1, 2, 3], [9, 2, 9])).toEqual([[0, 3]]);
    const far = Array.from({ length: 40 }, () => 0);
    expect(of(far, far.with(1, 1).with(39, 1))).toEqual([
      [1, 2],
      [39, 40],
    ]);
  });
});
