import { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { simulatorWebhooks } from "./simulator-webhook.ts";
import { stripeClient } from "./stripe-client.ts";
import { stripeWebhooks } from "./stripe-webhook.ts";

const NOW = 1_790_000_000_000;
const SIGNATURE = { ok: false, reason: "signature" };
const MALFORMED = { ok: false, reason: "malformed" };

describe("a webhook of Stripe", () => {
  const secret = "whsec_notASecretOfAnybody";
  const client = stripeClient("sk_test_notASecretOfAnybody", "https://api.stripe.com", () => {
    throw new Error("nothing is sent");
  });
  const readBody = stripeWebhooks(client, secret);
  const event = (change: object = {}) =>
    JSON.stringify({
      id: "evt_1",
      object: "event",
      api_version: "2026-10-28.endive",
      created: NOW / 1_000,
      data: { object: { id: "pi_1", object: "payment_intent", status: "succeeded" } },
      livemode: false,
      pending_webhooks: 1,
      request: null,
      type: "payment_intent.succeeded",
      ...change,
    });
  const sign = (payload: string, change: { secret?: string; timestamp?: number; scheme?: string } = {}) =>
    client.webhooks.generateTestHeaderStringAsync({
      payload,
      secret,
      timestamp: NOW / 1_000,
      cryptoProvider: Stripe.createSubtleCryptoProvider(),
      ...change,
    } as Parameters<typeof client.webhooks.generateTestHeaderStringAsync>[0]);
  const read = (body: string, signature: string) => readBody(body, new Headers({ "stripe-signature": signature }), NOW);

  it("is read when its signature holds: its id, its type and the payment that it points at", async () => {
    const body = event();
    expect(await read(body, await sign(body))).toEqual({
      ok: true,
      value: { id: "evt_1", type: "payment_intent.succeeded", reference: "pi_1" },
    });
    const charge = event({ type: "charge.refunded", data: { object: { object: "charge", payment_intent: "pi_2" } } });
    expect(await read(charge, await sign(charge))).toMatchObject({ value: { reference: "pi_2" } });
  });

  it("is refused with another secret, another body, an old time, another scheme or no signature", async () => {
    const body = event();
    expect(await read(body, await sign(body, { secret: "whsec_other" }))).toEqual(SIGNATURE);
    expect(await read(event({ id: "evt_2" }), await sign(body))).toEqual(SIGNATURE);
    expect(await read(body, await sign(body, { timestamp: NOW / 1_000 - 301 }))).toEqual(SIGNATURE);
    expect(await read(body, await sign(body, { timestamp: NOW / 1_000 - 299 }))).toMatchObject({ ok: true });
    expect(await read(body, await sign(body, { scheme: "v0" }))).toEqual(SIGNATURE);
    for (const header of ["", "t=1", "v1=00", "t=x,v1=00", ","]) expect(await read(body, header)).toEqual(SIGNATURE);
    expect(await read("", await sign(" "))).toEqual(SIGNATURE);
  });

  it.each([
    ["not JSON", "{"],
    ["no event", "null"],
    ["no event id", event({ id: "pi_1" })],
    ["a type of another form", event({ type: "payment intent" })],
    ["a thin event", event({ object: "v2.core.event" })],
  ])("is malformed, though signed, when it is %s", async (_, body) => {
    expect(await read(body, await sign(body))).toEqual(MALFORMED);
  });

  it.each([
    [{ type: "customer.created" }],
    [{ type: "payment_intent.created_by_somebody" }],
    [{ data: { object: { object: "payment_intent", id: "../refunds" } } }],
    [{ data: null }],
  ])("points at no payment with %j", async (change) => {
    const body = event(change);
    expect(await read(body, await sign(body))).toMatchObject({ ok: true, value: { reference: null } });
  });
});

describe("a webhook of the simulator", () => {
  const key = "processor-key-of-a-test";
  const body = JSON.stringify({ id: "PSP-1", type: "payment.capture", payment: "PSP-2" });
  const sign = async (text: string, time = NOW / 1_000, secret = `${key}|webhook`) => {
    const utf8 = new TextEncoder();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
    const mac = new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8.encode(`${time}.${text}`)));
    return `t=${time},v1=${Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };
  const read = (text: string, signature: string) =>
    simulatorWebhooks(key)(text, new Headers({ "processor-signature": signature }), NOW);

  it("is read when its signature holds", async () => {
    expect(await read(body, await sign(body))).toEqual({
      ok: true,
      value: { id: "PSP-1", type: "payment.capture", reference: "PSP-2" },
    });
    const other = JSON.stringify({ id: "PSP-1", type: "dispute.opened", payment: "PSP-2" });
    expect(await read(other, await sign(other))).toMatchObject({ value: { reference: null } });
  });

  it("is refused with another key, another body, a time out of reach or no signature", async () => {
    expect(await read(body, await sign(body, NOW / 1_000, key))).toEqual(SIGNATURE);
    expect(await read(`${body} `, await sign(body))).toEqual(SIGNATURE);
    expect(await read(body, await sign(body, NOW / 1_000 - 301))).toEqual(SIGNATURE);
    expect(await read(body, await sign(body, NOW / 1_000 + 301))).toEqual(SIGNATURE);
    expect(await read(body, "")).toEqual(SIGNATURE);
    expect(await read("{", await sign("{"))).toEqual(MALFORMED);
    expect(await read("{}", await sign("{}"))).toEqual(MALFORMED);
  });
});
