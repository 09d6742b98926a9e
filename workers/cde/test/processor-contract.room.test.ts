import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Money } from "../../../protocol/money/money.ts";
import type { ProcessorPayment } from "../processor/processor.ts";
import { simulatorBench, stripeBench, type Bench } from "./processor-bench.ts";

const EURO: Money = { minor: 4_290, currency: "EUR" };
const NO_ANSWER = { ok: false, reason: "no_answer" };
const REFUSED = { ok: false, reason: "refused" };
const handoffOf = () => crypto.randomUUID() as string;

// Every implementation of `Processor` passes this: what the CDE relies on is written here and nowhere else.
describe.each([
  ["the simulator", simulatorBench],
  ["Stripe", stripeBench],
])("%s as a processor", (_, startBench) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.stop());

  /** The one payment of a hand-off, as the processor reports it. */
  async function only(handoff: string): Promise<ProcessorPayment> {
    const found = await bench.processor.ofHandoff(handoff);
    if (!found.ok) throw new Error("no answer");
    expect(found.value).toHaveLength(1);
    const [payment] = found.value;
    if (payment === undefined) throw new Error("no payment");
    return payment;
  }
  async function paid(amount = EURO): Promise<{ handoff: string; reference: string }> {
    const handoff = handoffOf();
    await bench.pay(handoff, amount);
    return { handoff, reference: (await only(handoff)).reference };
  }
  const booked = async (handoff: string) => (await bench.books(handoff))[0];

  it("reports an approval with amount, terminal, store and receipt data, by hand-off and by reference alike", async () => {
    const { handoff, reference } = await paid();
    const payment = await only(handoff);
    expect(payment).toMatchObject({
      handoff,
      state: "approved",
      amount: EURO,
      capturedMinor: 0,
      terminal: "T-1",
      store: "eu-demo",
      decline: null,
      emv: { scheme: "mastercard", last4: "4444", aid: "A0000000041010", arc: "00", entry: "contactless" },
    });
    expect(await bench.processor.payment(reference)).toEqual({ ok: true, value: payment });
  });

  it("knows nothing of a hand-off that no terminal has sent, nor of a reference that it never gave", async () => {
    expect(await bench.processor.ofHandoff(handoffOf())).toEqual({ ok: true, value: [] });
    for (const reference of ["pi_unknown0000", "PSP-00", "../behaviours", "?"])
      expect(await bench.processor.payment(reference)).toEqual({ ok: true, value: null });
  });

  it("reports where the card was taken, whoever claims another terminal or store", async () => {
    const handoff = handoffOf();
    await bench.pay(handoff, EURO, "T-9", "eu-other");
    expect(await only(handoff)).toMatchObject({ terminal: "T-9", store: "eu-other" });
  });

  it("reports a decline with a reason and nothing authorized", async () => {
    const handoff = handoffOf();
    await bench.arm(handoff, "payment", "decline");
    await bench.pay(handoff, EURO);
    expect(await only(handoff)).toMatchObject({
      state: "declined",
      amount: { minor: 0, currency: "EUR" },
      decline: "insufficient_funds",
    });
  });

  it("reports what was authorized of an approval in part, and captures no more", async () => {
    const handoff = handoffOf();
    await bench.arm(handoff, "payment", "partial");
    await bench.pay(handoff, EURO);
    const { reference, amount } = await only(handoff);
    expect(amount).toEqual({ minor: 2_145, currency: "EUR" });
    expect(await bench.processor.capture(reference, EURO, `${handoff}:a`)).toEqual(REFUSED);
    expect(await bench.processor.capture(reference, amount, `${handoff}:b`)).toMatchObject({ ok: true });
    expect(await booked(handoff)).toMatchObject({ captures: 1, captured: 2_145 });
  });

  it("lists each of two payments of one hand-off", async () => {
    const handoff = handoffOf();
    await bench.arm(handoff, "payment", "duplicate");
    await bench.pay(handoff, EURO);
    const found = await bench.processor.ofHandoff(handoff);
    expect(found.ok && found.value.map((each) => each.state)).toEqual(["approved", "approved"]);
  });

  it("keeps a payment whose answer the terminal lost", async () => {
    const handoff = handoffOf();
    await bench.arm(handoff, "payment", "lose_answer");
    await bench.pay(handoff, EURO);
    expect(await only(handoff)).toMatchObject({ state: "approved", amount: EURO });
  });

  it("captures once under one key, however often and however concurrently it is asked", async () => {
    const { handoff, reference } = await paid();
    const key = `${handoff}:capture`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => bench.processor.capture(reference, EURO, key)));
    answers.push(await bench.processor.capture(reference, EURO, key));
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: true, value: { state: "captured", capturedMinor: 4_290 } });
    expect(await booked(handoff)).toMatchObject({ captures: 1, captured: 4_290 });
    expect(await only(handoff)).toMatchObject({ state: "captured", amount: EURO, capturedMinor: 4_290 });
  });

  it("refuses the key of a capture for another amount, and captures nothing more", async () => {
    const { handoff, reference } = await paid();
    await bench.processor.capture(reference, EURO, `${handoff}:capture`);
    const other = { minor: 100, currency: "EUR" } as const;
    expect(await bench.processor.capture(reference, other, `${handoff}:capture`)).toEqual(REFUSED);
    expect(await booked(handoff)).toMatchObject({ captures: 1, captured: 4_290 });
  });

  it("leaves a capture whose answer was lost unknown, and the same key finds it done once", async () => {
    const { handoff, reference } = await paid();
    await bench.arm(handoff, "capture", "lose_answer");
    expect(await bench.processor.capture(reference, EURO, `${handoff}:capture`)).toEqual(NO_ANSWER);
    expect(await bench.processor.capture(reference, EURO, `${handoff}:capture`)).toMatchObject({ ok: true });
    expect(await booked(handoff)).toMatchObject({ captures: 1, captured: 4_290 });
  });

  it("leaves a capture that timed out unknown, and the same key captures once", async () => {
    const { handoff, reference } = await paid();
    await bench.arm(handoff, "capture", "time_out");
    expect(await bench.processor.capture(reference, EURO, `${handoff}:capture`)).toEqual(NO_ANSWER);
    expect(await bench.processor.capture(reference, EURO, `${handoff}:capture`)).toMatchObject({ ok: true });
    expect(await booked(handoff)).toMatchObject({ captures: 1, captured: 4_290 });
  });

  it("refuses a capture that is declined, and a capture of nothing", async () => {
    const { handoff, reference } = await paid();
    await bench.arm(handoff, "capture", "decline");
    expect(await bench.processor.capture(reference, EURO, `${handoff}:capture`)).toEqual(REFUSED);
    expect(await bench.processor.capture(reference, { minor: 0, currency: "EUR" }, `${handoff}:0`)).toEqual(REFUSED);
    expect(await booked(handoff)).toMatchObject({ captures: 0 });
  });

  it("voids once under one key, and neither captures after a void nor voids after a capture", async () => {
    const first = await paid();
    for (let time = 0; time < 2; time += 1)
      expect(await bench.processor.void(first.reference, `${first.handoff}:void`)).toMatchObject({
        ok: true,
        value: { state: "voided" },
      });
    expect(await bench.processor.capture(first.reference, EURO, `${first.handoff}:capture`)).toEqual(REFUSED);
    expect(await only(first.handoff)).toMatchObject({ state: "voided", capturedMinor: 0 });
    const second = await paid();
    await bench.processor.capture(second.reference, EURO, `${second.handoff}:capture`);
    expect(await bench.processor.void(second.reference, `${second.handoff}:void`)).toEqual(REFUSED);
  });

  it("finds a void whose answer was lost under the same key", async () => {
    const { handoff, reference } = await paid();
    await bench.arm(handoff, "void", "lose_answer");
    expect(await bench.processor.void(reference, `${handoff}:void`)).toEqual(NO_ANSWER);
    expect(await bench.processor.void(reference, `${handoff}:void`)).toMatchObject({ ok: true });
  });

  it("refunds once under one key, each key its own part, and never more than was captured", async () => {
    const { handoff, reference } = await paid();
    const part: Money = { minor: 1_000, currency: "EUR" };
    expect(await bench.processor.refund(reference, part, `${handoff}:r0`)).toEqual(REFUSED);
    await bench.processor.capture(reference, EURO, `${handoff}:capture`);
    for (let time = 0; time < 3; time += 1)
      expect(await bench.processor.refund(reference, part, `${handoff}:r1`)).toMatchObject({ ok: true });
    expect(await booked(handoff)).toMatchObject({ refunded: 1_000 });
    expect(await bench.processor.refund(reference, part, `${handoff}:r2`)).toMatchObject({ ok: true });
    expect(await bench.processor.refund(reference, EURO, `${handoff}:r3`)).toEqual(REFUSED);
    expect(await booked(handoff)).toMatchObject({ refunded: 2_000 });
  });

  it("finds a refund whose answer was lost under the same key, once", async () => {
    const { handoff, reference } = await paid();
    await bench.processor.capture(reference, EURO, `${handoff}:capture`);
    await bench.arm(handoff, "refund", "lose_answer");
    expect(await bench.processor.refund(reference, EURO, `${handoff}:refund`)).toEqual(NO_ANSWER);
    expect(await bench.processor.refund(reference, EURO, `${handoff}:refund`)).toMatchObject({ ok: true });
    expect(await booked(handoff)).toMatchObject({ refunded: 4_290 });
  });

  it("is silent, not empty, when the answer to a question is lost", async () => {
    const { handoff, reference } = await paid();
    await bench.arm(handoff, "status", "lose_answer");
    expect(await bench.processor.ofHandoff(handoff)).toEqual(NO_ANSWER);
    await bench.arm(handoff, "status", "lose_answer");
    expect(await bench.processor.payment(reference)).toEqual(NO_ANSWER);
  });

  it.each([
    [{ minor: 500, currency: "JPY" }],
    [{ minor: 500, currency: "ISK" }],
    [{ minor: 12_000, currency: "UGX" }],
    [{ minor: 12_345, currency: "HUF" }],
    [{ minor: 4_290, currency: "USD" }],
    [{ minor: 5_120, currency: "KWD" }],
  ] satisfies [Money][])("takes, captures and refunds %j to the last minor unit", async (amount) => {
    const { handoff, reference } = await paid(amount);
    expect(await only(handoff)).toMatchObject({ amount });
    const captured = await bench.processor.capture(reference, amount, `${handoff}:capture`);
    expect(captured).toMatchObject({ ok: true, value: { amount, capturedMinor: amount.minor } });
    expect(await bench.processor.refund(reference, amount, `${handoff}:refund`)).toMatchObject({ ok: true });
    const books = await booked(handoff);
    expect(books?.refunded).toBe(books?.captured);
  });

  it("refuses an amount that it can't be told exactly", async () => {
    const { handoff, reference } = await paid();
    for (const minor of [0.5, -1, Number.NaN, 2 ** 53])
      expect(await bench.processor.capture(reference, { minor, currency: "EUR" }, `${handoff}:${minor}`)).toEqual(
        REFUSED,
      );
    expect(await booked(handoff)).toMatchObject({ captures: 0 });
  });
});
