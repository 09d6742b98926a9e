import type { Body } from "../cart-fw/body.ts";
import { openReach } from "../cart-fw/machine.ts";
import { FirmwareCart } from "./firmware-cart.ts";
import type { Place } from "./party.ts";
import type { Lane } from "./run.ts";
import type { Identify } from "./shopper.ts";

/** Carts that run the firmware, for `runTrips`; `close` once they have all ended. */
export async function firmwareLanes(
  place: Place,
  identify: Identify,
  body: (factory: Buffer, folder: string) => Promise<Body>,
): Promise<{ readonly lane: (index: number) => Promise<Lane>; close(): Promise<void> }> {
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
