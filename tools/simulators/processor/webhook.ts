import { hexOf, hmac } from "./emv.ts";
import type { Webhook } from "./ledger.ts";

/** One delivery may take this long, milliseconds. */
const TIMEOUT_MS = 3_000;
const MOST_ATTEMPTS = 6;

/** When a delivery that was not taken is made again, doubling from half a second; undefined: given up. */
export function nextAttempt(webhook: Webhook, now: number): number | undefined {
  return webhook.attempts + 1 >= MOST_ATTEMPTS ? undefined : now + 500 * 2 ** webhook.attempts;
}

/** Posts an event, signed over its time and body. @returns whether it was taken: any 2xx */
export async function deliverWebhook(origin: string, key: string, webhook: Webhook, now: number): Promise<boolean> {
  const body = JSON.stringify({ id: webhook.event, type: webhook.type, payment: webhook.payment });
  const time = Math.floor(now / 1_000);
  const signature = hexOf(await hmac(`${key}|webhook`, `${time}.${body}`)).toLowerCase();
  try {
    const response = await fetch(`${origin}/v1/webhooks/simulator`, {
      method: "POST",
      headers: { "content-type": "application/json", "processor-signature": `t=${time},v1=${signature}` },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
