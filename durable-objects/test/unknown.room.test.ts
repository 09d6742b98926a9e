import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CartSerial } from "../../protocol/ids.ts";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { arrange, MILK, remembered, startSessions, taken, TestCart, type PaymentBooks } from "./fixture.ts";

let room: RoomUnderTest;
let serials = 0;

beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

/** A cart with its basket frozen and handed to terminal T1. */
async function handedOff() {
  const cart = new TestCart(room, (++serials).toString(16).padStart(32, "0") as CartSerial);
  await cart.open();
  await cart.scan(MILK);
  return { cart, handoff: await cart.checkout() };
}
const books = () => remembered<PaymentBooks>(room, "payments");
const captured = async (handoff: string) => (await books()).captures.find(([id]) => id === handoff)?.[1] ?? 0;
const released = async (handoff: string) => (await books()).voided.filter(([id]) => id === handoff);

describe("an unknown payment ends in one state", () => {
  test("when the answers stay away three times: unknown each time, then approved with one capture", async () => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { silent: 3, state: "approved" });
    for (let time = 0; time < 3; time++)
      expect(await cart.pay(handoff, "r")).toEqual({ outcome: "unknown", receipt: null });
    expect((await cart.pay(handoff, "r")).outcome).toBe("approved");
    expect((await cart.pay(handoff, "r")).outcome).toBe("approved");
    expect(await captured(handoff.handoff)).toBe(1);
    expect(await released(handoff.handoff)).toEqual([]);
  });

  test("when the processor has not decided: pending, and a scan meanwhile is refused, not swallowed", async () => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { state: "pending" });
    expect((await cart.pay(handoff, "r")).outcome).toBe("pending");
    expect(await cart.scan(MILK)).toEqual({ ok: false, error: { code: "state" } });
    cart.seq -= 1;
    await arrange(room, handoff.handoff, { state: "approved" });
    expect((await cart.pay(handoff, "r")).outcome).toBe("approved");
    expect(await captured(handoff.handoff)).toBe(1);
    expect(await cart.scan(MILK)).toEqual({ ok: false, error: { code: "state" } });
  });

  test("when a scan was acknowledged early and comes due in the middle: a decline adds it to the basket", async () => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { state: "pending" });
    const milk = { events: [{ kind: "scan" as const, code: MILK, quantity: 1, at: null, grams: null }] };
    const early = await cart.frame("events", milk, cart.seq + 2);
    expect((await cart.send("events", early)).ok).toBe(true);
    expect((await cart.pay(handoff, "r")).outcome).toBe("pending");
    cart.seq += 1;
    await arrange(room, handoff.handoff, { state: "declined" });
    expect((await cart.pay(handoff, "r")).outcome).toBe("declined");
    const shown = taken("events", await cart.scan(MILK));
    expect(shown.totalMinor).toBe(119 * 3);
  });

  test("when a reference of another session is shown: the processor knows no payment of this hand-off", async () => {
    const first = await handedOff();
    expect((await first.cart.pay(first.handoff, "approve-1")).outcome).toBe("approved");
    const second = await handedOff();
    await arrange(room, second.handoff.handoff, { state: "approved", over: { handoff: first.handoff.handoff } });
    expect(await second.cart.pay(second.handoff, "approve-1")).toEqual({ outcome: "declined", receipt: null });
    expect(await captured(second.handoff.handoff)).toBe(0);
    expect(await captured(first.handoff.handoff)).toBe(1);
  });

  test.each([
    ["less than the amount", { amount_minor: 118 }, "amount_mismatch"],
    ["more than the amount", { amount_minor: 120 }, "amount_mismatch"],
    ["another currency", { currency: "USD" }, "currency_mismatch"],
    ["another store", { store: "eu-other" }, "store_mismatch"],
    ["another terminal", { terminal: "T2" }, "terminal_mismatch"],
  ])("when the authorization is for %s: given back, flagged, never captured", async (_what, over, why) => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { state: "approved", over });
    expect((await cart.pay(handoff, "r")).outcome).toBe("declined");
    expect(await released(handoff.handoff)).toEqual([[handoff.handoff, why]]);
    expect(await captured(handoff.handoff)).toBe(0);
    const acts = await remembered<{ kind: string; on: string; detail: object }[]>(room, "audit");
    expect(
      acts.filter(({ on, kind }) => on === `session:${cart.session}` && kind === "payment_mismatch"),
    ).toMatchObject([{ detail: { why } }]);
  });

  test("when the processor refuses the capture of what it had approved: given back, and paid with a new hand-off", async () => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { state: "approved", refuseCapture: true });
    expect((await cart.pay(handoff, "r")).outcome).toBe("declined");
    expect(await released(handoff.handoff)).toEqual([[handoff.handoff, "capture_refused"]]);
    const again = await cart.checkout();
    expect((await cart.pay(again, "approve")).outcome).toBe("approved");
    expect(await captured(handoff.handoff)).toBe(0);
    expect(await captured(again.handoff)).toBe(1);
  });

  test("when the shopper pays with another card after a refusal: one capture", async () => {
    const { cart, handoff } = await handedOff();
    await arrange(room, handoff.handoff, { state: "declined" });
    expect((await cart.pay(handoff, "r1")).outcome).toBe("declined");
    await arrange(room, handoff.handoff, { state: "approved" });
    expect((await cart.pay(handoff, "r2")).outcome).toBe("approved");
    expect(await captured(handoff.handoff)).toBe(1);
  });
});

test("a release without an answer is asked for again from the alarm until the processor says void", async () => {
  const { cart, handoff } = await handedOff();
  await arrange(room, handoff.handoff, { state: "approved", over: { amount_minor: 100 }, releaseLost: 2 });
  expect((await cart.pay(handoff, "r")).outcome).toBe("declined");
  expect(await released(handoff.handoff)).toEqual([]);
  // The alarm rings after a second, and after two more.
  await expect.poll(() => released(handoff.handoff), { timeout: 15_000 }).toHaveLength(1);
  expect(await captured(handoff.handoff)).toBe(0);
});
