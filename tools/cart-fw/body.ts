import type { Line, Peripheral } from "../../cart-fw/sim/wire.ts";
import { openLine } from "../../cart-fw/sim/wire.ts";
import { join } from "node:path";

/** The serial lines of the cart, by cart-fw/hal/hal.h. */
export const CHANNELS = ["log", "modem", "element", "scanner", "nfc", "scale", "display", "ble", "control"] as const;
export type Channel = (typeof CHANNELS)[number];

/** What runs the firmware, as far as the world around it can tell. */
export interface Body {
  /** Connects to the lines' sockets and runs. */
  powerOn(sockets: Readonly<Record<Channel, string>>): Promise<void>;
  /** As a battery that is pulled: nothing is told. */
  powerOff(): Promise<void>;
  /** All RAM of the running firmware. */
  memory(): Promise<Buffer>;
  /** The flash as it is now. */
  flash(): Promise<Buffer>;
  /** What the firmware runs, to be allowed by the attestation policy: SHA-256, hex. */
  readonly digest: string;
}

/** Opens a socket a channel in this folder. Paths of Unix sockets are at most 107 bytes: the folder's must be short. */
export async function openLines(
  folder: string,
  peripherals: Readonly<Record<Channel, Peripheral>>,
): Promise<{ readonly sockets: Readonly<Record<Channel, string>>; close(): Promise<void> }> {
  const lines: [Channel, Line][] = [];
  for (const channel of CHANNELS) lines.push([channel, await openLine(join(folder, channel), peripherals[channel])]);
  return {
    sockets: Object.fromEntries(lines.map(([channel, { path }]) => [channel, path])) as Record<Channel, string>,
    close: async () => void (await Promise.all(lines.map(([, line]) => line.close()))),
  };
}
