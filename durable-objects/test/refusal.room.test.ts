import { afterAll, beforeAll, expect, test } from "vitest";
import type { CartSerial } from "../../protocol/ids.ts";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { MILK, read, startSessions, taken, TestCart } from "./fixture.ts";

let room: RoomUnderTest;
beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

const cartOf = (digit: string) => new TestCart(room, digit.repeat(32) as CartSerial);

test("a checkout that the POS refuses changes nothing: its number is free, and the cart goes on under it", async () => {
  const cart = cartOf("a");
  await cart.open();
  taken("events", await cart.scan(MILK));
  // A code that makes the store's POS refuse the next quote; the store does not know it, so it comes out again.
  taken("events", await cart.scan("pos-refuses"));
  taken("events", await cart.next("events", { events: [{ kind: "remove", line: 2, quantity: null, at: null }] }));
  expect(await cart.next("checkout", { lastSeq: 3, terminal: "T1" })).toEqual({ ok: false, error: { code: "state" } });
  cart.seq -= 1;
  expect(taken("events", await cart.scan(MILK)).totalMinor).toBe(238);
  expect((await cart.checkout()).amount.minor).toBe(238);
});

test("a late repeat of an identity that was taken back brings nobody back", async () => {
  const cart = cartOf("b");
  await cart.open();
  const first = await cart.frame("identity", { kind: "loyalty", value: "9820000000012" }, 1);
  expect(taken("identity", await cart.send("identity", first)).status).toBe("linked");
  expect(taken("identity", await cart.send("identity", first)).status).toBe("linked");
  taken("identity", await cart.send("identity", await cart.frame("identity", { kind: "unlink" }, 2)));
  const late = await cart.send("identity", first);
  expect(late.ok && read("identity", late.body)).toEqual({ status: "not_linked" });
});
