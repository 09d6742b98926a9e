import { spawn, type ChildProcess } from "node:child_process";
import { CHANNELS, type Channel } from "../cart-fw/body.ts";

/** The instruction set of an ESP32-C3 and nothing besides: with `a` on, atomics that the chip has not would pass. */
const CPU = "rv32,a=off,f=off,d=off,s=off,h=off";

/** Channels besides the log, in the order of `hal_channel`. */
const ON_CARDS = CHANNELS.filter((channel) => channel !== "log");

export interface MachineOptions {
  /** File of the first flash chip: bootloader and keys. Read only. */
  readonly rom: string;
  /** File of the second one: slots, records, factory, journal. */
  readonly flash: string;
  /** Unix sockets that somebody listens on, by channel; without one the log is standard output, others go nowhere. */
  readonly sockets?: Partial<Readonly<Record<Channel, string>>>;
  /** Unix sockets that QEMU listens on. */
  readonly gdb?: string;
  readonly qmp?: string;
  /** Waits for the debugger before the first instruction. */
  readonly paused?: boolean;
  /** One instruction is one nanosecond of the machine's time: the same run takes the same time wherever it runs. */
  readonly counted?: boolean;
  /** Ends instead of resetting. */
  readonly once?: boolean;
  /** Writes to flash stay in memory. */
  readonly snapshot?: boolean;
}

/** Arguments of `qemu-system-riscv32` for a cart. */
export function machineArguments(options: MachineOptions): string[] {
  const { rom, flash, sockets = {}, gdb, qmp } = options;
  const channels = ON_CARDS.flatMap((channel, index) => {
    const path = sockets[channel];
    return ["-chardev", path === undefined ? `null,id=c${index}` : `socket,id=c${index},path=${path}`];
  });
  const card = (first: number) =>
    ["pci-serial-4x", ...[0, 1, 2, 3].map((i) => `chardev${i + 1}=c${first + i}`)].join(",");
  const log =
    sockets.log === undefined ? "-serial stdio" : `-chardev socket,id=log,path=${sockets.log} -serial chardev:log`;
  const always = `-M virt -cpu ${CPU} -m 8M -bios none -display none -monitor none ${log}`;
  const drive = (unit: 0 | 1, file: string, how: string) => `if=pflash,unit=${unit},format=raw,file=${file}${how}`;
  return [
    ...always.split(" "),
    "-drive",
    drive(0, rom, ",readonly=on"),
    "-drive",
    drive(1, flash, options.snapshot === true ? ",snapshot=on" : ""),
    ...channels,
    "-device",
    card(0),
    "-device",
    card(4),
    ...(gdb === undefined ? [] : ["-gdb", `unix:${gdb},server=on,wait=off`]),
    ...(qmp === undefined ? [] : ["-qmp", `unix:${qmp},server=on,wait=off`]),
    ...(options.paused === true ? ["-S"] : []),
    ...(options.counted === true ? ["-icount", "shift=0,sleep=off"] : []),
    ...(options.once === true ? ["-no-reboot"] : []),
  ];
}

/** Starts the emulator. Whoever starts it ends it. */
export function startMachine(options: MachineOptions): ChildProcess {
  return spawn("qemu-system-riscv32", machineArguments(options), {
    stdio: ["ignore", options.sockets?.log === undefined ? "pipe" : "ignore", "pipe"],
  });
}
