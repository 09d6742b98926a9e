import { hex } from "../../../protocol/bytes.ts";
import { decodeHello, encodeAnswer } from "../../../protocol/cart/codec.ts";
import type { Kid } from "../../../protocol/ids.ts";
import type { Env } from "../env.ts";
import { cartOf } from "./handlers.ts";
import { refuse, type Outcome } from "./outcome.ts";
import type { Visit } from "./refusals.ts";
import { cartBy, countStranger, isBlocked } from "./registry.ts";

const NONCE_BYTES = 16;

/**
 * A nonce for whoever asks. An unknown or revoked kid gets one that nobody keeps and no store, as an enrolled cart
 * without a store does: no object is made for a guess, and who has not seen a cart's certificate learns of no cart.
 */
export async function greet(bytes: Uint8Array, env: Env, visit: Visit): Promise<Outcome> {
  const request = decodeHello(bytes);
  if (!request.ok) return refuse(request.reason);
  const kid = hex(request.value.kid) as Kid;
  if (isBlocked(visit) || !(await env.DOOR_LIMIT.limit({ key: `hello ${kid}` })).success) return refuse("too_many");
  const found = await cartBy(kid, env, visit);
  if (!found.ok && found.reason === "unavailable") return refuse("unavailable");
  const record = found.ok && found.value.record.status === "active" ? found.value.record : null;
  if (record === null) await countStranger(env, visit);
  const nonce =
    record === null
      ? crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      : (await cartOf(env, record).hello(record.serial)).nonce;
  const body = encodeAnswer("hello", { nonce, time: visit.now, store: record?.store ?? null });
  return { ok: true, status: 200, body };
}
