import { createHash } from "node:crypto";

/** What a simulated cart attests to run. There is no image: the digest is over its name. */
export interface SimulatedFirmware {
  readonly version: string;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly securityCounter: number;
}

const NAME = "cartwright-simulated-cart 1.0.0";

export const SIMULATED_FIRMWARE: SimulatedFirmware = {
  version: "1.0.0",
  digest: createHash("sha256").update(NAME).digest("hex"),
  securityCounter: 1,
};
