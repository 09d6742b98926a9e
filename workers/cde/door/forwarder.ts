import { FORWARDER_HEADER, FORWARDER_MAX_AGE_SECONDS, JOSE_MEDIA_TYPE } from "../../../protocol/pay/contract.ts";
import { openRequest, sealAnswer, type OpenedAnswer } from "../../../protocol/pay/envelope.ts";
import type { Env, Machine } from "../boot.ts";
import { problemResponse } from "../problem.ts";
import { mediaType, readBody } from "./body.ts";
import { certificateAccepted, certificateOf } from "./client-certificate.ts";
import { takeOnce } from "./replay.ts";

const MAX_BYTES = 16_384;

/** A call of the forwarder that was believed. */
export interface ForwarderCall {
  readonly body: unknown;
  /** Bound by the signature; null where the call has none. */
  readonly idempotencyKey: string | null;
  readonly now: number;
}

/**
 * Opens a sealed call, takes its `jti`, lets it be handled and seals the answer. Whatever is wrong with the envelope,
 * the outside sees one refusal; the operator's log has the reason.
 */
export async function forwarderCall(
  request: Request,
  env: Env,
  machine: Machine,
  now: number,
  handle: (call: ForwarderCall) => Promise<OpenedAnswer>,
): Promise<Response> {
  const refuse = (reason: string): Response => {
    console.warn(JSON.stringify({ event: "forwarder_refused", reason }));
    return problemResponse("forwarder_auth");
  };
  if (!certificateAccepted(env.JURISDICTION, certificateOf(request))) return refuse("certificate");
  const method = request.method === "GET" ? "GET" : "POST";
  if (method === "POST" && mediaType(request) !== JOSE_MEDIA_TYPE) return problemResponse("media_type");
  const sealed =
    method === "GET"
      ? ({ ok: true, value: request.headers.get(FORWARDER_HEADER) ?? "" } as const)
      : await readBody(request, MAX_BYTES);
  if (!sealed.ok) return problemResponse(sealed.reason);
  const idempotencyKey = request.headers.get("idempotency-key");
  const path = new URL(request.url).pathname;
  const opened = await openRequest(machine.forwarder, sealed.value, { method, path, idempotencyKey }, now);
  if (!opened.ok) return refuse(opened.reason);
  // Kept for twice the time in which the envelope would be believed: clocks differ.
  const expires = (opened.value.issued + 2 * FORWARDER_MAX_AGE_SECONDS) * 1000;
  const id = await machine.digest("jti", `forwarder|${opened.value.jti}`);
  if (!(await takeOnce(env.VAULT, id, expires))) return refuse("replayed");

  const answer = await handle({ body: opened.value.body, idempotencyKey, now });
  return new Response(await sealAnswer(machine.forwarder, answer, opened.value.jti, now), {
    status: answer.status,
    headers: { "content-type": JOSE_MEDIA_TYPE, "cache-control": "no-store" },
  });
}
