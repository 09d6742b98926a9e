import { openReach } from "../cart-fw/machine.ts";
import { ensureToolchain } from "../cart-fw/toolchain.ts";
import { spinner } from "../progress.ts";
import { FirmwareCart } from "./firmware-cart.ts";
import { firmwareBodies, type MakeBody } from "./firmware-policy.ts";
import type { Place } from "./party.ts";
import type { Lane } from "./run.ts";
import type { Identify } from "./shopper.ts";

/** Makes carts that run the firmware, for `runTrips`; `close` once they have all ended. */
export interface FirmwareLanes {
  readonly lane: (index: number) => Promise<Lane>;
  close(): Promise<void>;
}

/** Looks for the toolchain, builds the firmware and says so as it goes. @throws Error where there is no toolchain */
export async function openFirmwareLanes(place: Place, identify: Identify): Promise<FirmwareLanes> {
  const building = spinner("firmware: looking for its toolchain");
  const missing = ensureToolchain();
  if (missing !== null) throw new Error(missing);
  building.step("firmware: building");
  const body = await firmwareBodies(place);
  building.done("firmware: built, and allowed by the fleet's attestation policy");
  return firmwareLanes(place, identify, body);
}

export async function firmwareLanes(place: Place, identify: Identify, body: MakeBody): Promise<FirmwareLanes> {
  const reach = await openReach(place);
  return {
    lane: async (index) => {
      const cart = await FirmwareCart.switchOn({ place, reach, index, body });
      const { traffic } = cart.machine.modem;
      return {
        shop: (basket, surroundings) => cart.shop(basket, identify, surroundings),
        traffic: () => ({
          requests: traffic.messages.length,
          bytesUp: traffic.messages.reduce((sum, { up }) => sum + up, 0),
          bytesDown: traffic.messages.reduce((sum, { down }) => sum + down, 0),
        }),
        end: () => cart.machine.end(),
      };
    },
    close: () => reach.close(),
  };
}
