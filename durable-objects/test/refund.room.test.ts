import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";
import type { Refunded, RefundOrder, RefundReasonRefused } from "../../protocol/rooms/sessions.ts";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { arrange, remembered, startSessions } from "./fixture.ts";

/** A receipt of three milks at 100 and one of something at 200. */
let room: RoomUnderTest;
let receipts = 0;
const newReceipt = () => `R${String(++receipts).padStart(21, "0")}` as ReceiptReference;
const handoffOf = (receipt: string) => `00000000-0000-4000-8000-${Buffer.from(receipt.slice(-6)).toString("hex")}`;

beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

const refund = (receipt: ReceiptReference, change: Partial<RefundOrder> = {}) => {
  const order = { receipt, lines: [{ line: 1, quantity: 1 }], reason: "returned", staff: "ada", key: null, ...change };
  return room.call<Result<Refunded, RefundReasonRefused>>("ForOps", "ops", "refund", order);
};
const done = async (asked: ReturnType<typeof refund>): Promise<Refunded> => {
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
};
const moneyBack = async (receipt: string) => {
  const { refunds } = await remembered<{ refunds: [string, number][] }>(room, "payments");
  return refunds.filter(([handoff]) => handoff === handoffOf(receipt)).map(([, minor]) => minor);
};
const booked = async (receipt: string) =>
  (await remembered<{ booked: [string, string, number][] }>(room, "stores")).booked.filter(([of]) => of === receipt);

describe("a refund", () => {
  test("by line gives money back, is booked, and has a reference and a correcting receipt of its own", async () => {
    const receipt = newReceipt();
    const first = await done(refund(receipt));
    expect(first).toMatchObject({ state: "refunded", totalMinor: 100, currency: "EUR" });
    expect(first.receipt).toMatch(/^[\w-]{22}$/);
    const second = await done(refund(receipt, { lines: [{ line: 2, quantity: 1 }] }));
    expect(second.refund).not.toBe(first.refund);
    expect(second.receipt).not.toBe(first.receipt);
    expect(await moneyBack(receipt)).toEqual([100, 200]);
    const acts = await remembered<{ on: string; detail: object }[]>(room, "audit");
    expect(acts.filter(({ on }) => on === `receipt:${receipt}`)).toMatchObject([
      { detail: { act: "refund", total_minor: 100, refund: first.refund } },
      { detail: { act: "refund", total_minor: 200, refund: second.refund } },
    ]);
  });

  test("never comes to more than was sold, by line, and the whole is no more after parts", async () => {
    const receipt = newReceipt();
    expect(await refund(receipt, { lines: [{ line: 1, quantity: 4 }] })).toEqual({ ok: false, reason: "too_many" });
    await done(refund(receipt, { lines: [{ line: 1, quantity: 2 }] }));
    expect(await refund(receipt, { lines: [{ line: 1, quantity: 2 }], key: "another-key" })).toEqual({
      ok: false,
      reason: "too_many",
    });
    expect(await refund(receipt, { lines: [{ line: 9, quantity: 1 }] })).toEqual({ ok: false, reason: "too_many" });
    const twice = [
      { line: 1, quantity: 1 },
      { line: 1, quantity: 1 },
    ];
    expect(await refund(receipt, { lines: twice })).toEqual({ ok: false, reason: "too_many" });
    const rest = [
      { line: 1, quantity: 1 },
      { line: 2, quantity: 1 },
    ];
    expect((await done(refund(receipt, { lines: rest }))).totalMinor).toBe(300);
    expect(await refund(receipt, { key: "once-more" })).toEqual({ ok: false, reason: "too_many" });
    expect(await moneyBack(receipt)).toEqual([200, 300]);
  });

  test.each([
    ["with one key", "the-same-key"],
    ["without a key", null],
  ])("ordered ten times at once %s counts once", async (_how, key) => {
    const receipt = newReceipt();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(receipt, { key })));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await moneyBack(receipt)).toEqual([100]);
    expect(await booked(receipt)).toHaveLength(1);
  });

  test("of the same line under another key is another refund; a used key with another order is refused", async () => {
    const receipt = newReceipt();
    const one = await done(refund(receipt, { key: "key-one-1" }));
    const two = await done(refund(receipt, { key: "key-two-2" }));
    expect(two.refund).not.toBe(one.refund);
    expect(await refund(receipt, { key: "key-one-1", lines: [{ line: 2, quantity: 1 }] })).toEqual({
      ok: false,
      reason: "idempotency_mismatch",
    });
    expect(await moneyBack(receipt)).toEqual([100, 100]);
  });

  test("without the processor's answer is pending, and comes to its end by the alarm, once", async () => {
    const receipt = newReceipt();
    await arrange(room, handoffOf(receipt), { refundLost: 2 });
    const pending = await done(refund(receipt, { key: "lost-once" }));
    expect(pending).toMatchObject({ state: "pending", receipt: null });
    await expect.poll(() => booked(receipt), { timeout: 15_000 }).toHaveLength(1);
    expect(await moneyBack(receipt)).toEqual([100]);
    expect(await done(refund(receipt, { key: "lost-once" }))).toMatchObject({
      refund: pending.refund,
      state: "refunded",
    });
  });

  test("that the POS did not book gives no money twice: the same order carries it on", async () => {
    const receipt = newReceipt();
    const order = { reason: "goodwill", key: "pos-is-away" } as const;
    expect((await done(refund(receipt, order))).state).toBe("pending");
    expect((await done(refund(receipt, order))).state).toBe("refunded");
    expect(await moneyBack(receipt)).toEqual([100]);
    expect(await booked(receipt)).toHaveLength(1);
  });

  test("that the processor refuses leaves the goods to be refunded, and books nothing", async () => {
    const receipt = newReceipt();
    await arrange(room, handoffOf(receipt), { refundRefused: true });
    expect(await refund(receipt, { key: "refused-1" })).toEqual({ ok: false, reason: "refused" });
    expect(await booked(receipt)).toEqual([]);
    await arrange(room, handoffOf(receipt), {});
    const all = { lines: [{ line: 1, quantity: 3 }], key: "all-of-it" };
    expect((await done(refund(receipt, all))).totalMinor).toBe(300);
  });

  test("of a receipt that nobody wrote is unknown", async () => {
    expect(await refund("X".repeat(22) as ReceiptReference)).toEqual({ ok: false, reason: "unknown_receipt" });
    expect(await refund("short" as ReceiptReference)).toEqual({ ok: false, reason: "unknown_receipt" });
  });
});
