import { describe, expect, test } from "vitest";
import type { CartSerial, StoreId } from "../../../protocol/ids.ts";
import type { FirmwareRollout } from "../../../protocol/rooms/fleet.ts";
import { decideOffer, placeIn, type AskingCart } from "./offer.ts";

const OLD = { digest: "a".repeat(64), securityCounter: 3, hardwareRevision: 1 };
const NEW = { digest: "b".repeat(64), securityCounter: 4, hardwareRevision: 1 };
const CART: AskingCart = {
  serial: "0".repeat(32) as CartSerial,
  store: "eu-demo" as StoreId,
  digest: OLD.digest,
  securityCounter: 3,
};
const ORDER: FirmwareRollout = {
  id: 1,
  digest: NEW.digest,
  hardwareRevision: 1,
  stores: null,
  percentage: 50,
  state: "running",
  startedAt: 0,
};
const rollout = (change: Partial<FirmwareRollout> = {}, release = NEW) => ({ order: { ...ORDER, ...change }, release });

describe("a cart that asks for firmware", () => {
  test("is offered the release of the running rollout when its turn has come", () => {
    expect(decideOffer(CART, OLD, rollout(), 49)).toBe("offered");
    expect(decideOffer(CART, OLD, rollout(), 50)).toBe("not_its_turn");
    expect(decideOffer(CART, OLD, rollout({ percentage: 100 }), 99)).toBe("offered");
  });

  test("is offered nothing while no rollout runs for its hardware", () => {
    expect(decideOffer(CART, OLD, null, 0)).toBe("no_rollout");
    expect(decideOffer(CART, OLD, rollout({ state: "paused" }), 0)).toBe("no_rollout");
    expect(decideOffer(CART, OLD, rollout({}, { ...NEW, hardwareRevision: 2 }), 0)).toBe("no_rollout");
  });

  test("is offered nothing when it attests an image that was never released", () => {
    expect(decideOffer(CART, null, rollout(), 0)).toBe("unknown_image");
  });

  test("is offered nothing when it runs the release already", () => {
    expect(decideOffer({ ...CART, digest: NEW.digest }, NEW, rollout(), 0)).toBe("current");
  });

  test("is never offered a lower security counter than it attests, or than the image that it attests was released with", () => {
    expect(decideOffer({ ...CART, securityCounter: 5 }, OLD, rollout(), 0)).toBe("downgrade");
    expect(decideOffer(CART, { ...OLD, securityCounter: 5 }, rollout(), 0)).toBe("downgrade");
    expect(decideOffer({ ...CART, securityCounter: 4 }, OLD, rollout(), 0)).toBe("offered");
  });

  test("is offered a store's rollout in that store alone", () => {
    const stores = ["eu-demo" as StoreId];
    expect(decideOffer(CART, OLD, rollout({ stores }), 0)).toBe("offered");
    expect(decideOffer({ ...CART, store: "eu-other" as StoreId }, OLD, rollout({ stores }), 0)).toBe("other_store");
    expect(decideOffer({ ...CART, store: null }, OLD, rollout({ stores }), 0)).toBe("other_store");
  });

  test("has one place in a rollout, whenever it asks, and another in the next one", async () => {
    const serials = Array.from({ length: 400 }, (_, i) => i.toString(16).padStart(32, "0") as CartSerial);
    const places = await Promise.all(serials.map((serial) => placeIn(NEW.digest, serial)));
    expect(await Promise.all(serials.map((serial) => placeIn(NEW.digest, serial)))).toEqual(places);
    expect(await Promise.all(serials.map((serial) => placeIn(OLD.digest, serial)))).not.toEqual(places);
    expect(places.every((place) => Number.isInteger(place) && place >= 0 && place < 100)).toBe(true);
    // 400 carts of which about a half fall under 50; within a third to two thirds by any honest hash.
    const first = places.filter((place) => place < 50).length;
    expect(first > 133 && first < 267).toBe(true);
  });
});
