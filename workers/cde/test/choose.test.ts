import { createServer } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EgressRefused, egressTo, network } from "../egress.ts";
import { NotConfigured } from "../not-configured.ts";
import { chooseProcessor, type ProcessorSettings } from "../processor/choose.ts";
import { stripeClient } from "../processor/stripe-client.ts";

const SECRET = "sk_test_notASecretOfAnybody";
const STRIPE: ProcessorSettings = {
  JURISDICTION: "eu",
  PROCESSOR: "stripe",
  STRIPE_SECRET_KEY: SECRET,
  STRIPE_WEBHOOK_SECRET: "whsec_notASecretOfAnybody",
};
const SIMULATOR: ProcessorSettings = {
  JURISDICTION: "eu",
  PROCESSOR: "simulator",
  PROCESSOR_ORIGIN: "https://processor.example",
  PROCESSOR_KEY: "processor-key-of-a-test",
};
const HANDOFF = "5f0c2a34-6b7a-4c55-9a39-0f7a3f1c9f10";

/** The requests that a chosen processor sends when it is asked about a payment. */
async function requestsOf(env: ProcessorSettings): Promise<Request[]> {
  const seen: Request[] = [];
  const { processor } = chooseProcessor(env, async (request) => {
    seen.push(request);
    return new Response("{}", { status: 500, headers: { "stripe-notice": "a notice" } });
  });
  await processor.ofHandoff(HANDOFF);
  await processor.payment("pi_0000");
  await processor.capture("pi_0000", { minor: 100, currency: "EUR" }, "key-of-a-capture");
  return seen;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the chosen processor", () => {
  it("reaches Stripe's API and nothing else, over HTTPS, without following redirects", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const seen = await requestsOf(STRIPE);
    expect(seen.length).toBeGreaterThanOrEqual(3);
    for (const request of seen) {
      expect(new URL(request.url).origin).toBe("https://api.stripe.com");
      expect(request.redirect).toBe("manual");
      expect(request.headers.get("authorization")).toBe(`Bearer ${SECRET}`);
    }
    expect(seen.map((each) => each.headers.get("idempotency-key")).filter((each) => each !== null)).toEqual([
      "key-of-a-capture",
    ]);
  });

  it("is the simulator at its own origin when that is chosen", async () => {
    const origins = (await requestsOf(SIMULATOR)).map((each) => new URL(each.url).origin);
    expect(new Set(origins)).toEqual(new Set(["https://processor.example"]));
  });

  it.each([
    [STRIPE, "STRIPE_SECRET_KEY", undefined, "STRIPE_SECRET_KEY is missing"],
    [STRIPE, "STRIPE_SECRET_KEY", "pk_test_published", "STRIPE_SECRET_KEY is unusable"],
    [STRIPE, "STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is missing"],
    [STRIPE, "STRIPE_WEBHOOK_SECRET", "secret", "STRIPE_WEBHOOK_SECRET is unusable"],
    [STRIPE, "STRIPE_LOCAL_ORIGIN", "http://127.0.0.1:1", "STRIPE_LOCAL_ORIGIN is set outside a local start"],
    [SIMULATOR, "PROCESSOR_KEY", undefined, "PROCESSOR_KEY is missing"],
    [SIMULATOR, "PROCESSOR_ORIGIN", undefined, "PROCESSOR_ORIGIN is missing"],
    [SIMULATOR, "PROCESSOR_ORIGIN", "processor.example", "PROCESSOR_ORIGIN is unusable"],
    [SIMULATOR, "PROCESSOR_ORIGIN", "http://processor.example", "PROCESSOR_ORIGIN is unusable"],
    [SIMULATOR, "PROCESSOR_ORIGIN", "http://127.0.0.1:8080", "PROCESSOR_ORIGIN is not HTTPS"],
    [SIMULATOR, "PROCESSOR", "other", "PROCESSOR is not one of: simulator, stripe"],
  ] as const)("is refused when configured otherwise: %#, %s", (env, name, value, message) => {
    expect(() => chooseProcessor({ ...env, [name]: value })).toThrow(new NotConfigured(message));
  });

  it("needs none of the other processor's settings", () => {
    expect(chooseProcessor(STRIPE).name).toBe("stripe");
    expect(chooseProcessor(SIMULATOR).name).toBe("simulator");
  });

  it("stands on this machine only where the jurisdiction is local, and never with a live key", async () => {
    const local = { ...STRIPE, JURISDICTION: "local", STRIPE_LOCAL_ORIGIN: "http://127.0.0.1:8081" };
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    for (const request of await requestsOf(local)) expect(new URL(request.url).origin).toBe("http://127.0.0.1:8081");
    for (const origin of ["https://elsewhere.example", "http://127.0.0.2:1", "http://localhost:1", "http://[::1]:1"])
      expect(() => chooseProcessor({ ...local, STRIPE_LOCAL_ORIGIN: origin })).toThrow(NotConfigured);
    const live = { ...local, STRIPE_SECRET_KEY: "sk_live_notASecretOfAnybody" };
    expect(() => chooseProcessor(live)).toThrow("live key");
  });
});

describe("the way out to Stripe", () => {
  it.each([
    "https://api.stripe.com.elsewhere.example/v1/payment_intents",
    "https://elsewhere.example/v1/payment_intents",
    "https://api.stripe.com@elsewhere.example/v1/payment_intents",
    "https://user:pass@api.stripe.com/v1/payment_intents",
    "https://api.stripe.com:8443/v1/payment_intents",
    "http://api.stripe.com/v1/payment_intents",
    "https://files.stripe.com/v1/files",
    "https://127.0.0.1/v1/payment_intents",
    "https://[::1]/v1/payment_intents",
    "https://2130706433/v1/payment_intents",
    "https://0x7f.1/v1/payment_intents",
    "//elsewhere.example/v1/payment_intents",
    "\\\\elsewhere.example/v1",
    "https:\t//elsewhere.example/",
  ])("does not lead to %j", async (target) => {
    const send = vi.fn(async () => new Response());
    await expect(egressTo("https://api.stripe.com", send)(target, {})).rejects.toThrow(EgressRefused);
    expect(send).not.toHaveBeenCalled();
  });

  it("is not widened by a caller of the SDK who names another host", async () => {
    const send = vi.fn(async () => new Response("{}"));
    const client = stripeClient(SECRET, "https://elsewhere.example", egressTo("https://api.stripe.com", send));
    await expect(client.paymentIntents.retrieve("pi_0000")).rejects.toThrow();
    expect(send).not.toHaveBeenCalled();
  });

  it("takes a redirect for no answer and never goes where it points", async () => {
    let elsewhere = 0;
    const other = createServer((_, response) => {
      elsewhere += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const first = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/`, "content-type": "application/json" });
      response.end('{"object":"payment_intent"}');
    });
    await new Promise<void>((resolve) => first.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(first.address() as { port: number }).port}`;
    const local = { ...STRIPE, JURISDICTION: "local", STRIPE_LOCAL_ORIGIN: origin };
    expect(await chooseProcessor(local, network).processor.payment("pi_0000")).toEqual({
      ok: false,
      reason: "no_answer",
    });
    expect(elsewhere).toBe(0);
    first.close();
    other.close();
  });

  it("ends with a signal that the caller gives", async () => {
    const aborted = new AbortController();
    aborted.abort(new Error("given up"));
    const send = egressTo("https://api.stripe.com", async (request) => {
      request.signal.throwIfAborted();
      return new Response();
    });
    await expect(send("/v1", { signal: aborted.signal })).rejects.toThrow("given up");
  });
});
