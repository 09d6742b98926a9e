import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { MILK, startSessions, taken, TestCart } from "./fixture.ts";

const NUMBER = "ab".repeat(16);

let room: RoomUnderTest;
let serials = 0x1f0;
beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

/** How the identity room answers about numbers from now on. */
async function numbersAre(life: "alive" | "dead" | "down"): Promise<void> {
  const worker = await room.miniflare.getWorker("cartwright-identity-eu");
  await worker.fetch("http://neighbour.test/", { method: "POST", body: life });
}

async function onATrip(identified = true): Promise<TestCart> {
  const cart = new TestCart(room, (++serials).toString(16).padStart(32, "0") as never);
  await cart.open();
  taken("events", await cart.scan(MILK));
  if (identified) taken("identity", await cart.next("identity", { kind: "loyalty", value: "9123456789012" }));
  return cart;
}

const written = async (cart: TestCart) =>
  (await room.object<{ written: number }>("ShoppingSession", cart.session ?? "", "meter")).written;
/** Rows that have the number. */
const named = async (cart: TestCart) => {
  const { value } = await room.object<{ value: { count: number } }>(
    "ShoppingSession",
    cart.session ?? "",
    "forgetShopper",
  );
  return value.count;
};
const askedFor = async () => {
  const worker = await room.miniflare.getWorker("cartwright-identity-eu");
  const answer = await worker.fetch("http://neighbour.test/?numbers");
  return ((await answer.json()) as { asked: string[] }).asked;
};

describe("the one-trip number at checkout", () => {
  test("is asked for once, and costs no row while it is alive", async () => {
    await numbersAre("alive");
    const cart = await onATrip();
    const before = await written(cart);
    const asked = (await askedFor()).length;
    await cart.checkout();
    expect((await askedFor()).slice(asked)).toEqual([NUMBER]);
    const anonymous = await onATrip(false);
    const beforeThat = await written(anonymous);
    await anonymous.checkout();
    expect((await written(cart)) - before).toBe((await written(anonymous)) - beforeThat);
    expect((await askedFor()).slice(asked)).toEqual([NUMBER]);
    expect(await named(cart)).toBe(1);
  });

  test("that is dead is on no row any more, and the trip goes on to its receipt, open to the next shopper", async () => {
    await numbersAre("dead");
    const cart = await onATrip();
    const handoff = await cart.checkout();
    expect(await named(cart)).toBe(0);
    expect(handoff.amount.minor).toBe(119);
    await numbersAre("alive");
    taken("identity", await cart.next("identity", { kind: "loyalty", value: "9123456789012" }));
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
    taken("close", await cart.next("close", { lastSeq: cart.seq }));
  });

  test("of a repeated checkout is not asked for again: the repeat gets the same bytes", async () => {
    await numbersAre("alive");
    const cart = await onATrip();
    const frame = await cart.frame("checkout", { lastSeq: 2, terminal: "T1" }, 3);
    const first = await cart.send("checkout", frame);
    const asked = (await askedFor()).length;
    expect(await cart.send("checkout", frame)).toEqual(first);
    expect(await askedFor()).toHaveLength(asked);
  });

  test("holds up no checkout while the identity room is down", async () => {
    await numbersAre("down");
    const cart = await onATrip();
    const handoff = await cart.checkout();
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
    expect(await named(cart)).toBe(1);
    await numbersAre("alive");
  });
});
