import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Money } from "../../../protocol/money/money.ts";
import { startStripeMock, type StripeMock } from "../../../tools/stripe-mock/server.ts";
import { StripeTerminalSide } from "../../../tools/stripe-mock/terminal-side.ts";
import { egressTo, network } from "../egress.ts";
import type { Processor } from "../processor/processor.ts";
import { stripeClient } from "../processor/stripe-client.ts";
import { stripeProcessor } from "../processor/stripe.ts";

const SECRET = "sk_test_notASecretOfAnybody";
const EURO: Money = { minor: 4_290, currency: "EUR" };
const NO_ANSWER = { ok: false, reason: "no_answer" };
const REFUSED = { ok: false, reason: "refused" };

let mock: StripeMock;
let stripe: Processor;
let handoff: string;
let logged: string[];

const processorWith = (key: string) => stripeProcessor(stripeClient(key, mock.origin, egressTo(mock.origin, network)));
const order = (change: object = {}) => ({
  handoff,
  store: "eu-demo",
  terminal: "T-1",
  amount: 4_290,
  currency: "eur",
  ...change,
});
const terminal = () => new StripeTerminalSide(SECRET, mock.origin);
const intent = (reference: string) => mock.books.intents.find((each) => each.id === reference);

beforeEach(async () => {
  mock = await startStripeMock(SECRET);
  stripe = processorWith(SECRET);
  handoff = crypto.randomUUID();
  logged = [];
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void logged.push(parts.map(String).join(" ")));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await mock.close();
});

describe("a change that Stripe did not answer with success", () => {
  it.each([
    ["fault", 0],
    ["locked", 0],
    ["busy", 0],
    ["redirect", 1],
  ] as const)("of %s is unknown after one call, never retried unasked", async (mischief, captures) => {
    const reference = await terminal().pay(order());
    mock.books.arm(handoff, "capture", mischief);
    expect(await stripe.capture(reference, EURO, "key-of-a-capture")).toEqual(NO_ANSWER);
    expect(mock.calls.filter((each) => each.endsWith("/capture"))).toHaveLength(1);
    expect(intent(reference)?.captures).toBe(captures);
  });

  it.each(["fault_after", "garbage"] as const)(
    "is a capture all the same when the payment, asked anew, is captured: after %s, which Stripe keeps under the key",
    async (mischief) => {
      const reference = await terminal().pay(order());
      mock.books.arm(handoff, "capture", mischief);
      for (let time = 0; time < 2; time += 1)
        expect(await stripe.capture(reference, EURO, "key-of-a-capture")).toMatchObject({
          ok: true,
          value: { state: "captured", capturedMinor: 4_290 },
        });
      expect(intent(reference)?.captures).toBe(1);
    },
  );

  it("is done once even when Stripe has forgotten the key since", async () => {
    const reference = await terminal().pay(order());
    expect(await stripe.capture(reference, EURO, "key-of-a-capture")).toMatchObject({ ok: true });
    expect(await stripe.refund(reference, { ...EURO, minor: 1_000 }, "key-of-a-refund")).toMatchObject({ ok: true });
    mock.forgetKeys();
    expect(await stripe.capture(reference, EURO, "key-of-a-capture")).toMatchObject({ ok: true });
    expect(await stripe.refund(reference, { ...EURO, minor: 1_000 }, "key-of-a-refund")).toMatchObject({ ok: true });
    expect(intent(reference)?.captures).toBe(1);
    expect(mock.books.refunded(reference)).toBe(1_000);
    const other = { ...order(), handoff: crypto.randomUUID() };
    const voided = await terminal().pay(other);
    await stripe.void(voided, "key-of-a-void");
    mock.forgetKeys();
    expect(await stripe.void(voided, "key-of-a-void")).toMatchObject({ ok: true, value: { state: "voided" } });
  });

  it("is a refund once when its answer was a fault after the fact", async () => {
    const reference = await terminal().pay(order());
    await stripe.capture(reference, EURO, "key-of-a-capture");
    mock.books.arm(handoff, "refund", "fault_after");
    expect(await stripe.refund(reference, EURO, "key-of-a-refund")).toMatchObject({ ok: true });
    expect(mock.books.refunded(reference)).toBe(4_290);
  });

  it("is refused, not done, when another amount was captured than was meant", async () => {
    const reference = await terminal().pay(order());
    await stripe.capture(reference, { ...EURO, minor: 1_000 }, "key-of-another");
    expect(await stripe.capture(reference, EURO, "key-of-a-capture")).toEqual(REFUSED);
  });
});

describe("a PaymentIntent", () => {
  it("that the search does not show yet is read by its reference", async () => {
    mock.books.searchLags = true;
    const reference = await terminal().pay(order());
    expect(await stripe.ofHandoff(handoff)).toEqual({ ok: true, value: [] });
    expect(await stripe.payment(reference)).toMatchObject({ ok: true, value: { handoff, state: "approved" } });
  });

  it("waits while no card was presented, and counts as declined when it was given up before one", async () => {
    const reference = await terminal().order(order());
    expect(await stripe.payment(reference)).toMatchObject({
      value: { state: "pending", amount: { minor: 0 }, emv: null },
    });
    await stripe.void(reference, "key-of-a-void");
    expect(await stripe.payment(reference)).toMatchObject({ value: { state: "declined", amount: { minor: 0 } } });
  });

  it("of another kind, or for no hand-off, is none of ours", async () => {
    const web = mock.books.add({ amount: 4_290, currency: "eur", types: ["card"], metadata: { handoff } });
    const foreign = mock.books.add({ amount: 4_290, currency: "eur", types: ["card_present"], metadata: {} });
    expect(await stripe.ofHandoff(handoff)).toEqual({ ok: true, value: [] });
    expect(await stripe.payment(web.id)).toEqual({ ok: true, value: null });
    expect(await stripe.payment(foreign.id)).toEqual({ ok: true, value: null });
  });

  it("is paid with another card after a decline, as the same payment", async () => {
    mock.books.arm(handoff, "payment", "decline");
    const reference = await terminal().pay(order());
    expect(await stripe.payment(reference)).toMatchObject({
      value: { state: "declined", decline: "insufficient_funds" },
    });
    await terminal().present(reference);
    expect(await stripe.payment(reference)).toMatchObject({
      value: { state: "approved", decline: null, amount: EURO },
    });
  });

  it("with an amount that has no exact value is no answer, never rounded", async () => {
    const row = mock.books.add({ amount: 550, currency: "isk", types: ["card_present"], metadata: { handoff } });
    Object.assign(row, { status: "requires_capture", authorized: 550, charge: "ch_mock" });
    expect(await stripe.payment(row.id)).toEqual(NO_ANSWER);
  });

  it("is never asked for by a hand-off that could end the query", async () => {
    expect(await stripe.ofHandoff("x' OR metadata['handoff']:'y")).toEqual({ ok: true, value: [] });
    expect(await stripe.payment("pi_1/../../refunds")).toEqual({ ok: true, value: null });
    expect(mock.calls).toEqual([]);
  });
});

describe("an amount for Stripe", () => {
  it.each([
    [{ minor: 5_125, currency: "KWD" }, "kwd", 5_120],
    [{ minor: 1_234, currency: "TND" }, "tnd", 1_230],
  ] as const)(
    "of %j is refused before anything is sent: the last of three decimals must be 0",
    async (amount, currency, asked) => {
      const reference = await terminal().pay(order({ currency, amount: asked }));
      const before = mock.calls.length;
      expect(await stripe.capture(reference, amount, "key-of-a-capture")).toEqual(REFUSED);
      expect(await stripe.refund(reference, amount, "key-of-a-refund")).toEqual(REFUSED);
      expect(mock.calls).toHaveLength(before);
    },
  );

  it("of ISK and UGX goes out with two decimals that are 00", async () => {
    const reference = await terminal().pay(order({ currency: "isk", amount: 50_000 }));
    await stripe.capture(reference, { minor: 500, currency: "ISK" }, "key-of-a-capture");
    expect(intent(reference)?.received).toBe(50_000);
  });
});

describe("Stripe's secrets", () => {
  it("are in no answer and no log line, even when Stripe quotes the key back", async () => {
    const wrong = processorWith("sk_test_aKeyThatStripeRefuses");
    const answers = [
      await wrong.payment("pi_0000"),
      await wrong.ofHandoff(handoff),
      await wrong.capture("pi_0000", EURO, "key-of-a-capture"),
      await wrong.refund("pi_0000", EURO, "key-of-a-refund"),
    ];
    expect(answers).toEqual([NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ANSWER]);
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join("\n")).not.toMatch(/sk_test|aKeyThatStripeRefuses|key-of-a/);
    expect(logged[0]).toBe('{"event":"processor_undecided","status":401,"kind":"StripeAuthenticationError"}');
  });

  it("and card numbers never go to Stripe to ask for an account reference", async () => {
    expect(await stripe.paymentAccountReference("4242424242424242")).toBeUndefined();
    expect(mock.calls).toEqual([]);
  });
});

describe("the mock", () => {
  const call = (init: RequestInit, path = "/v1/payment_intents") => fetch(`${mock.origin}${path}`, init);
  const headers = (change: Record<string, string> = {}) => ({
    authorization: `Bearer ${SECRET}`,
    "stripe-version": "2026-10-28.endive",
    "content-type": "application/x-www-form-urlencoded",
    "idempotency-key": crypto.randomUUID() as string,
    ...change,
  });
  const body = "amount=100&currency=eur&allowed_payment_method_types[0]=card_present&capture_method=manual";

  it("takes a request of Stripe's form and no other", async () => {
    const post = (change: Record<string, string>, text = body) =>
      call({ method: "POST", headers: headers(change), body: text }).then((answer) => answer.status);
    expect(await post({})).toBe(200);
    expect(await post({ authorization: "Bearer other" })).toBe(401);
    expect(await post({ "stripe-version": "2020-01-01" })).toBe(400);
    expect(await post({ "content-type": "application/json" }, "{}")).toBe(400);
    expect(await post({}, `${body}&surprise=1`)).toBe(400);
    expect(await post({}, `${body}&amount=100`)).toBe(400);
    expect(await post({}, body.replace("eur", "kwd").replace("100", "105"))).toBe(400);
    const { "idempotency-key": _, ...keyless } = headers();
    expect((await call({ method: "POST", headers: keyless, body })).status).toBe(400);
  });
});
