import type { CartSerial, StoreId } from "../../../protocol/ids.ts";
import type { FirmwareRelease, FirmwareRollout } from "../../../protocol/rooms/fleet.ts";

/** A cart that asks for firmware, by what it attests and by its assignment. */
export interface AskingCart {
  readonly serial: CartSerial;
  readonly store: StoreId | null;
  /** SHA-256 of the running image, hex. */
  readonly digest: string;
  readonly securityCounter: number;
}

type Release = Pick<FirmwareRelease, "digest" | "securityCounter" | "hardwareRevision">;

/** `offered`, or why not: for the operator, the cart is told nothing. */
export type OfferDecision =
  | "offered"
  | "unknown_image"
  | "no_rollout"
  | "current"
  | "downgrade"
  | "other_store"
  | "not_its_turn";

/**
 * Whether a cart is offered a rollout's release. What it runs now is the released image that it attests; the version
 * that it reports is not looked at, so a cart can't talk itself into an older image or out of a newer one.
 * @param running the release whose digest the cart attests; null: none, so its hardware is not known either
 * @param rollout the open rollout for that release's hardware revision, with its release
 * @param place the cart's place in this rollout, 0 to 99, of {@link placeIn}
 */
export function decideOffer(
  cart: AskingCart,
  running: Release | null,
  rollout: { readonly order: FirmwareRollout; readonly release: Release } | null,
  place: number,
): OfferDecision {
  if (running === null) return "unknown_image";
  if (rollout === null || rollout.order.state !== "running") return "no_rollout";
  const { order, release } = rollout;
  if (release.hardwareRevision !== running.hardwareRevision) return "no_rollout";
  if (release.digest === cart.digest) return "current";
  if (release.securityCounter < Math.max(cart.securityCounter, running.securityCounter)) return "downgrade";
  if (order.stores !== null && (cart.store === null || !order.stores.includes(cart.store))) return "other_store";
  return place < order.percentage ? "offered" : "not_its_turn";
}

/**
 * A cart's place in a rollout, 0 to 99: the same at every question, so a raised percentage only adds carts; another
 * for each release, so it is not always the same carts that go first.
 */
export async function placeIn(digest: string, serial: CartSerial): Promise<number> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${digest} ${serial}`));
  return new DataView(hash).getUint32(0) % 100;
}
