import { fail, ok } from "../../../protocol/result.ts";
import { fieldsOf, isName } from "./fields.ts";
import { WEBHOOK_TOLERANCE_SECONDS, type WebhookReader } from "./processor.ts";

/** Carries `t=<seconds>,v1=<HMAC-SHA-256 over "t.body", hex>`. */
const HEADER = "processor-signature";

/** The simulator's webhooks, signed under a key derived from the one that both sides hold. */
export function simulatorWebhooks(processorKey: string): WebhookReader {
  return async (body, headers, now) => {
    const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(headers.get(HEADER) ?? "");
    const [, time = "", signature = ""] = parts ?? [];
    if (parts === null || Math.abs(now / 1_000 - Number(time)) > WEBHOOK_TOLERANCE_SECONDS) return fail("signature");
    const utf8 = new TextEncoder();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", utf8.encode(`${processorKey}|webhook`), algorithm, false, [
      "verify",
    ]);
    const bytes = Uint8Array.from(signature.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    if (!(await crypto.subtle.verify("HMAC", key, bytes, utf8.encode(`${time}.${body}`)))) return fail("signature");
    const { id, type, payment } = fieldsOf(parsed(body));
    if (!isName(id) || typeof type !== "string" || !/^[a-z.]{1,64}$/.test(type)) return fail("malformed");
    return ok({ id, type, reference: type.startsWith("payment.") && isName(payment) ? payment : null });
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
