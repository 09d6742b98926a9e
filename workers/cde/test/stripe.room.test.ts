import { Stripe } from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { startStripeMock, type StripeMock } from "../../../tools/stripe-mock/server.ts";
import { StripeTerminalSide } from "../../../tools/stripe-mock/terminal-side.ts";
import { cdeKeys } from "./cde-under-test.ts";
import { startPayBench, type PayBench } from "./pay-bench.ts";

const SECRET = "sk_test_notASecretOfAnybody";
const WEBHOOK_SECRET = "whsec_notASecretOfAnybody";
const client = new Stripe(SECRET);

let mock: StripeMock;
let pay: PayBench;
let terminal: StripeTerminalSide;

beforeAll(async () => {
  mock = await startStripeMock(SECRET);
  terminal = new StripeTerminalSide(SECRET, mock.origin);
  pay = await startPayBench(() => ({
    PROCESSOR: "stripe",
    STRIPE_SECRET_KEY: SECRET,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_LOCAL_ORIGIN: mock.origin,
  }));
});
afterAll(async () => {
  await pay.stop();
  await mock.close();
});

const handoffOf = () => crypto.randomUUID() as string;
const order = (handoff: string, change: object = {}) => ({
  handoff,
  store: "eu-demo",
  terminal: "T-1",
  amount: 4_290,
  currency: "eur",
  ...change,
});
const booked = (handoff: string) => mock.books.intents.filter((each) => each.metadata["handoff"] === handoff);

let events = 0;
const eventOf = (reference: string, type = "payment_intent.amount_capturable_updated", change: object = {}) => {
  events += 1;
  return JSON.stringify({
    id: `evt_${events}`,
    object: "event",
    api_version: Stripe.API_VERSION,
    created: Math.floor(Date.now() / 1_000),
    // What the event says of the payment is a lie on purpose: it must not be believed.
    data: { object: { id: reference, object: "payment_intent", status: "canceled", amount_capturable: 1 } },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
    ...change,
  });
};
const deliver = async (payload: string, change: { secret?: string; timestamp?: number; signature?: string } = {}) => {
  const { secret = WEBHOOK_SECRET, timestamp = Math.floor(Date.now() / 1_000) } = change;
  const signature = change.signature ?? client.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const response = await pay.cde.fetch("/v1/webhooks/stripe", {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body: payload,
  });
  const body = (await response.json()) as { outcome?: string; code?: string };
  return [response.status, body.outcome ?? body.code];
};

describe("the CDE with Stripe", () => {
  it("adopts a terminal's payment by its hand-off, captures it once and refunds it in part", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    const answer = await pay.authorize(handoff);
    expect(answer).toMatchObject({
      state: "approved",
      amount_minor: 4_290,
      currency: "EUR",
      terminal: "T-1",
      store: "eu-demo",
      handoff,
      decline: null,
      emv: { aid: "A0000000041010", applicationName: "Mastercard", arc: "00", cvm: "device", last4: "4444" },
      processor_reference: `…${reference.slice(-6)}`,
    });
    const captured = await Promise.all([1, 2, 3].map(() => pay.capture(answer.id, handoff, 4_290)));
    expect(captured.map((each) => each.state)).toContain("captured");
    expect(booked(handoff)).toMatchObject([{ captures: 1, received: 4_290 }]);
    const path = `/v1/authorizations/${answer.id}/refunds`;
    for (let time = 0; time < 2; time += 1)
      expect(await pay.post(path, `${handoff}:r1`, { amount_minor: 1_000, currency: "EUR" })).toMatchObject({
        status: 200,
        body: { state: "refunded" },
      });
    expect(mock.books.refunded(reference)).toBe(1_000);
  });

  it("adopts by the terminal's reference while the search does not show the payment yet", async () => {
    const handoff = handoffOf();
    mock.books.searchLags = true;
    const reference = await terminal.pay(order(handoff));
    mock.books.searchLags = false;
    expect((await pay.authorize(handoff)).state).toBe("pending");
    const answer = await pay.authorize(handoff, { reference });
    expect(answer.state).toBe("approved");
    expect((await pay.capture(answer.id, handoff, 4_290)).state).toBe("captured");
  });

  it("says a decline with its reason, and takes another card after it", async () => {
    const handoff = handoffOf();
    mock.books.arm(handoff, "payment", "decline");
    const reference = await terminal.pay(order(handoff));
    expect(await pay.authorize(handoff)).toMatchObject({ state: "declined", decline: "insufficient_funds" });
    await terminal.present(reference);
    expect(await pay.authorize(handoff)).toMatchObject({ state: "approved", decline: null });
  });

  it("leaves a capture unknown whose answer was lost, and finds it done by asking", async () => {
    const handoff = handoffOf();
    await terminal.pay(order(handoff));
    const { id } = await pay.authorize(handoff);
    mock.books.arm(handoff, "capture", "lose_answer");
    expect((await pay.capture(id, handoff, 4_290)).state).toBe("unknown");
    expect((await pay.authorize(handoff)).state).toBe("captured");
    expect(booked(handoff)).toMatchObject([{ captures: 1, received: 4_290 }]);
  });

  it("gives the second of two payments of one hand-off back", async () => {
    const handoff = handoffOf();
    await terminal.pay(order(handoff));
    await terminal.pay(order(handoff, { terminal: "T-2" }));
    expect(await pay.authorize(handoff)).toMatchObject({ state: "approved", terminal: "T-1" });
    expect(booked(handoff).map((each) => each.status)).toEqual(["requires_capture", "canceled"]);
  });

  it("names what is missing and starts with nothing less", async () => {
    const { secrets } = await cdeKeys();
    const vars = { PROCESSOR: "stripe", STRIPE_SECRET_KEY: SECRET };
    const room = await startRoom("cde", { secrets, vars });
    const deployed = { ...vars, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_LOCAL_ORIGIN: mock.origin };
    const other = await startRoom("cde", { secrets, vars: { ...deployed, JURISDICTION: "eu" } });
    try {
      const answer = await room.fetch("/v1/jwks.json");
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: "not_configured", detail: "STRIPE_WEBHOOK_SECRET is missing" });
      expect((await other.fetch("/v1/jwks.json")).status).toBe(503);
    } finally {
      await room.stop();
      await other.stop();
    }
  });
});

describe("a webhook", () => {
  it("makes the CDE ask, and believes Stripe's answer instead of the event", async () => {
    const handoff = handoffOf();
    expect((await pay.authorize(handoff)).state).toBe("pending");
    const reference = await terminal.pay(order(handoff));
    expect(await deliver(eventOf(reference))).toEqual([200, "taken"]);
    expect(await pay.rows(`SELECT state, amount_minor FROM authorizations WHERE handoff = '${handoff}'`)).toEqual([
      { state: "approved", amount_minor: 4_290 },
    ]);
  });

  it("that comes before the first asking makes the payment known that no search shows", async () => {
    const handoff = handoffOf();
    mock.books.searchLags = true;
    const reference = await terminal.pay(order(handoff));
    mock.books.searchLags = false;
    expect(await deliver(eventOf(reference))).toEqual([200, "taken"]);
    expect((await pay.authorize(handoff)).state).toBe("approved");
  });

  it("is acted on once by its event id, however often it is delivered", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    await pay.authorize(handoff);
    const event = eventOf(reference);
    expect(await deliver(event)).toEqual([200, "taken"]);
    const calls = mock.calls.length;
    expect(await deliver(event)).toEqual([200, "duplicate"]);
    expect(await deliver(event, { timestamp: Math.floor(Date.now() / 1_000) - 200 })).toEqual([200, "duplicate"]);
    expect(mock.calls).toHaveLength(calls);
  });

  it("out of order or all at once changes nothing that is settled", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    const { id } = await pay.authorize(handoff);
    await pay.capture(id, handoff, 4_290);
    const late = ["processing", "amount_capturable_updated", "payment_failed", "canceled", "succeeded"];
    const outcomes = await Promise.all(late.map((each) => deliver(eventOf(reference, `payment_intent.${each}`))));
    expect(outcomes).toEqual(late.map(() => [200, "taken"]));
    expect((await pay.authorize(handoff)).state).toBe("captured");
    expect(booked(handoff)).toMatchObject([{ captures: 1, received: 4_290 }]);
  });

  it("finishes what a lost answer left open, without a second capture", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    const { id } = await pay.authorize(handoff);
    mock.books.arm(handoff, "capture", "lose_answer");
    expect((await pay.capture(id, handoff, 4_290)).state).toBe("unknown");
    expect(await deliver(eventOf(reference, "payment_intent.succeeded"))).toEqual([200, "taken"]);
    expect(await pay.rows(`SELECT state FROM operations WHERE authorization = '${id}'`)).toEqual([{ state: "done" }]);
    expect(booked(handoff)).toMatchObject([{ captures: 1 }]);
  });

  it("of a refund whose answer was lost ends that unknown, with one refund", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    const { id } = await pay.authorize(handoff);
    await pay.capture(id, handoff, 4_290);
    const refund = { amount_minor: 1_000, currency: "EUR" };
    mock.books.arm(handoff, "refund", "lose_answer");
    const path = `/v1/authorizations/${id}/refunds`;
    expect(await pay.post(path, `${handoff}:r1`, refund)).toMatchObject({ body: { state: "unknown" } });
    const event = eventOf(reference, "charge.refunded", {
      data: { object: { object: "charge", payment_intent: reference } },
    });
    expect(await deliver(event)).toEqual([200, "taken"]);
    expect(await pay.rows(`SELECT state FROM operations WHERE key = '${handoff}:r1'`)).toEqual([{ state: "done" }]);
    expect(mock.books.refunded(reference)).toBe(1_000);
  });

  it("of a payment that came after its hand-off was captured gives that one back", async () => {
    const handoff = handoffOf();
    await terminal.pay(order(handoff));
    const { id } = await pay.authorize(handoff);
    await pay.capture(id, handoff, 4_290);
    const second = await terminal.pay(order(handoff, { terminal: "T-2" }));
    expect(await deliver(eventOf(second))).toEqual([200, "taken"]);
    expect(booked(handoff).map((each) => each.status)).toEqual(["succeeded", "canceled"]);
  });

  it("is asked for again while Stripe is silent, and then acted on", async () => {
    const handoff = handoffOf();
    const reference = await terminal.pay(order(handoff));
    await pay.authorize(handoff);
    const event = eventOf(reference);
    mock.books.arm(handoff, "status", "lose_answer");
    expect(await deliver(event)).toEqual([503, "processor_silent"]);
    expect(await deliver(event)).toEqual([200, "taken"]);
  });

  it("of an unknown type, or of nobody's payment, is acknowledged and left alone", async () => {
    const calls = mock.calls.length;
    expect(await deliver(eventOf("pi_1", "customer.created"))).toEqual([200, "ignored"]);
    expect(await deliver(eventOf("pi_1", "a_type.of_next_year"))).toEqual([200, "ignored"]);
    expect(mock.calls).toHaveLength(calls);
    expect(await deliver(eventOf("pi_nobodys"))).toEqual([200, "taken"]);
  });

  it("without a good signature, too old, too large or for another processor does nothing", async () => {
    const before = await pay.rows("SELECT id FROM webhook_events");
    const event = eventOf("pi_1");
    const calls = mock.calls.length;
    const refused = [400, "webhook_signature"];
    expect(await deliver(event, { secret: "whsec_other" })).toEqual(refused);
    expect(await deliver(event, { signature: "" })).toEqual(refused);
    expect(await deliver(event, { timestamp: Math.floor(Date.now() / 1_000) - 400 })).toEqual(refused);
    expect(await deliver(`${event}${" ".repeat(140_000)}`)).toEqual([413, "too_large"]);
    expect(await deliver("{}")).toEqual([400, "malformed"]);
    const other = await pay.cde.fetch("/v1/webhooks/simulator", { method: "POST", body: event });
    expect(other.status).toBe(404);
    expect(mock.calls).toHaveLength(calls);
    expect(await pay.rows("SELECT id FROM webhook_events")).toEqual(before);
  });

  it("is forgotten after 30 days, and not before", async () => {
    const day = 86_400_000;
    const database = await pay.cde.miniflare.getD1Database("VAULT", pay.cde.worker);
    for (const days of [29, 31])
      await database
        .prepare("INSERT INTO webhook_events (id, type, state, received) VALUES (?, 'test', 'done', ?)")
        .bind(`stripe:evt_days_${days}`, Date.now() - days * day)
        .run();
    const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
    await worker.scheduled({ cron: "17 * * * *", scheduledTime: new Date() });
    expect(await pay.rows("SELECT id FROM webhook_events WHERE type = 'test'")).toEqual([{ id: "stripe:evt_days_29" }]);
  });

  it("leaves neither a secret nor what it carried in the log or the database", async () => {
    const lines = pay.logged.join("\n") + JSON.stringify(await pay.rows("SELECT * FROM webhook_events"));
    expect(lines).toContain("pi_mock");
    expect(lines).not.toMatch(/sk_test|whsec_|_secret_mock|amount_capturable"|stripe-signature/);
  });
});
