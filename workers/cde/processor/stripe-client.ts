import { Stripe } from "stripe";
import { PROCESSOR_TIMEOUT_MS, type Egress } from "../egress.ts";

/** The only origin of Stripe's API. */
export const STRIPE_ORIGIN = "https://api.stripe.com";

/**
 * Stripe's SDK with the allow-listed way out as its network. It never retries by itself: who asks again is decided
 * where the intent is stored.
 * @param origin `STRIPE_ORIGIN`, or a mock on this machine
 */
export function stripeClient(secretKey: string, origin: string, egress: Egress): Stripe {
  const { hostname, port, protocol } = new URL(origin);
  return new Stripe(secretKey, {
    host: hostname,
    ...(port === "" ? {} : { port }),
    protocol: protocol === "http:" ? "http" : "https",
    httpClient: Stripe.createFetchHttpClient((input, init) => answerOf(egress, urlOf(input), init ?? {})),
    maxNetworkRetries: 0,
    timeout: PROCESSOR_TIMEOUT_MS,
    telemetry: false,
  });
}

async function answerOf(egress: Egress, url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await egress(url, init);
  } catch {
    // Without the cause's code: the SDK retries a closed connection once even with its retries off.
    throw new Error("no answer from the processor");
  }
  // The SDK would read a redirect's body as the resource.
  if (response.status >= 300 && response.status < 400) throw new Error("the processor redirects");
  const headers = new Headers(response.headers);
  // The SDK prints this header to the log as it comes.
  headers.delete("stripe-notice");
  return new Response(response.body, { status: response.status, headers });
}

function urlOf(input: string | URL | Request): string {
  return input instanceof Request ? input.url : String(input);
}
