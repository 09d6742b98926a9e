import { egressTo, network } from "../egress.ts";
import { NotConfigured } from "../not-configured.ts";
import type { Processor, WebhookReader } from "./processor.ts";
import { simulatorProcessor } from "./simulator.ts";
import { simulatorWebhooks } from "./simulator-webhook.ts";
import { STRIPE_ORIGIN, stripeClient } from "./stripe-client.ts";
import { stripeProcessor } from "./stripe.ts";
import { stripeWebhooks } from "./stripe-webhook.ts";

/** Bindings that one processor or another needs; what the chosen one does not need may be absent. */
export interface ProcessorSettings {
  readonly JURISDICTION: string;
  readonly PROCESSOR: string;
  readonly PROCESSOR_ORIGIN?: string;
  readonly PROCESSOR_KEY?: string;
  readonly STRIPE_SECRET_KEY?: string;
  readonly STRIPE_WEBHOOK_SECRET?: string;
  /** A stand-in for Stripe on this machine; a deployed Worker that has it refuses to start. */
  readonly STRIPE_LOCAL_ORIGIN?: string;
}

export interface ChosenProcessor {
  readonly name: "simulator" | "stripe";
  readonly processor: Processor;
  readonly readWebhook: WebhookReader;
}

/**
 * The processor that `PROCESSOR` names, with the only origin it may reach: clear text to 127.0.0.1 exists only where
 * the jurisdiction is `local`.
 * @throws NotConfigured naming what is missing or unusable
 */
export function chooseProcessor(env: ProcessorSettings, send = network): ChosenProcessor {
  switch (env.PROCESSOR) {
    case "simulator": {
      const origin = permitted(env, "PROCESSOR_ORIGIN");
      const key = needed(env, "PROCESSOR_KEY");
      return {
        name: "simulator",
        processor: simulatorProcessor(egressTo(origin, send), key),
        readWebhook: simulatorWebhooks(key),
      };
    }
    case "stripe": {
      const secretKey = needed(env, "STRIPE_SECRET_KEY");
      const webhookSecret = needed(env, "STRIPE_WEBHOOK_SECRET");
      if (!/^(sk|rk)_(test|live)_[A-Za-z0-9]+$/.test(secretKey))
        throw new NotConfigured("STRIPE_SECRET_KEY is unusable");
      if (!/^whsec_\S+$/.test(webhookSecret)) throw new NotConfigured("STRIPE_WEBHOOK_SECRET is unusable");
      const origin = stripeOrigin(env, secretKey);
      const stripe = stripeClient(secretKey, origin, egressTo(origin, send));
      return {
        name: "stripe",
        processor: stripeProcessor(stripe),
        readWebhook: stripeWebhooks(stripe, webhookSecret),
      };
    }
    default:
      throw new NotConfigured("PROCESSOR is not one of: simulator, stripe");
  }
}

function stripeOrigin(env: ProcessorSettings, secretKey: string): string {
  if (env.STRIPE_LOCAL_ORIGIN === undefined) return STRIPE_ORIGIN;
  if (env.JURISDICTION !== "local") throw new NotConfigured("STRIPE_LOCAL_ORIGIN is set outside a local start");
  const origin = permitted(env, "STRIPE_LOCAL_ORIGIN");
  if (new URL(origin).hostname !== "127.0.0.1") throw new NotConfigured("STRIPE_LOCAL_ORIGIN is not on this machine");
  // A key that moves real money goes to Stripe alone.
  if (secretKey.includes("_live_")) throw new NotConfigured("STRIPE_SECRET_KEY is a live key in a local start");
  return origin;
}

function needed(env: ProcessorSettings, name: keyof ProcessorSettings): string {
  const value = env[name];
  if (value === undefined || value === "") throw new NotConfigured(`${name} is missing`);
  return value;
}

function permitted(env: ProcessorSettings, name: "PROCESSOR_ORIGIN" | "STRIPE_LOCAL_ORIGIN"): string {
  const value = needed(env, name);
  let origin: URL;
  try {
    origin = new URL(value);
    egressTo(value, network);
  } catch {
    throw new NotConfigured(`${name} is unusable`);
  }
  if (origin.protocol !== "https:" && env.JURISDICTION !== "local") throw new NotConfigured(`${name} is not HTTPS`);
  return origin.origin;
}
