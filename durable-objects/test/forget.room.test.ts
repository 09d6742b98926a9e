import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { MILK, startSessions, taken, TestCart } from "./fixture.ts";

const NUMBER = "ab".repeat(16);

let room: RoomUnderTest;
let serials = 0xf0;
beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

async function onATrip(): Promise<TestCart> {
  const cart = new TestCart(room, (++serials).toString(16).padStart(32, "0") as never);
  await cart.open();
  taken("events", await cart.scan(MILK));
  const answer = taken("identity", await cart.next("identity", { kind: "loyalty", value: "9123456789012" }));
  expect(answer).toMatchObject({ status: "linked", customer: NUMBER });
  return cart;
}

const forget = (cart: TestCart) => room.object<unknown>("ShoppingSession", cart.session ?? "", "forgetShopper");

describe("a shopper who is erased in the middle of a trip", () => {
  test("is on no row of it any more, and the trip goes on to payment", async () => {
    const cart = await onATrip();
    expect(await forget(cart)).toEqual({ ok: true, value: { count: 1, left: 0 } });
    expect(await forget(cart)).toEqual({ ok: true, value: { count: 0, left: 0 } });
    expect(taken("events", await cart.scan(MILK)).totalMinor).toBe(238);
    const handoff = await cart.checkout();
    expect(handoff.amount.minor).toBe(238);
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
    taken("close", await cart.next("close", { lastSeq: cart.seq }));
  });

  test("is forgotten between hand-off and payment too", async () => {
    const cart = await onATrip();
    const handoff = await cart.checkout();
    expect(await forget(cart)).toEqual({ ok: true, value: { count: 1, left: 0 } });
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
  });

  test("leaves a session that never was as it is", async () => {
    const nowhere = new TestCart(room);
    nowhere.session = crypto.randomUUID() as never;
    expect(await forget(nowhere)).toEqual({ ok: true, value: { count: 0, left: 0 } });
  });
});
