import { FORWARDER_HEADER, JOSE_MEDIA_TYPE } from "../../protocol/pay/contract.ts";
import { openAnswer, sealRequest, type CallBinding, type OpenedAnswer } from "../../protocol/pay/envelope.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ForwarderKeys } from "./env.ts";

/** How long one call to the CDE may take, milliseconds. */
export const CDE_TIMEOUT_MS = 10_000;

/** The way to the CDE, with everything that varies passed in. */
export interface CdeLine {
  readonly origin: string;
  readonly keys: ForwarderKeys;
  send(request: Request): Promise<Response>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * One sealed call to the CDE and its sealed answer. Never repeated here: whether to ask again is the session's
 * decision. Only an answer that the CDE signed for this very request counts; all else is `unavailable`.
 */
export async function exchange(
  line: CdeLine,
  call: CallBinding,
  body: unknown,
): Promise<Result<OpenedAnswer, "unavailable">> {
  const jti = crypto.randomUUID();
  const sealed = await sealRequest(line.keys, call, body, jti, line.now());
  const headers = new Headers({ accept: JOSE_MEDIA_TYPE });
  if (call.method === "GET") headers.set(FORWARDER_HEADER, sealed);
  else headers.set("content-type", JOSE_MEDIA_TYPE);
  if (call.idempotencyKey !== null) headers.set("idempotency-key", call.idempotencyKey);
  let text: string;
  try {
    const request = new Request(new URL(call.path, line.origin), {
      method: call.method,
      headers,
      ...(call.method === "GET" ? {} : { body: sealed }),
      redirect: "manual",
      signal: AbortSignal.timeout(CDE_TIMEOUT_MS),
    });
    text = await (await line.send(request)).text();
  } catch {
    return fail("unavailable");
  }
  const opened = await openAnswer(line.keys, text, jti, line.now());
  if (!opened.ok) {
    console.warn(JSON.stringify({ event: "cde_answer_refused", reason: opened.reason }));
    return fail("unavailable");
  }
  return opened.value.status >= 500 ? fail("unavailable") : ok(opened.value);
}
