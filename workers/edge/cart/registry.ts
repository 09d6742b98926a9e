import { importPublicKey } from "../../../protocol/cart/cose.ts";
import type { CartMessage } from "../../../protocol/cart/messages.ts";
import type { Kid } from "../../../protocol/ids.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { CartRecord } from "../../../protocol/rooms/fleet.ts";
import type { Env } from "../env.ts";
import { KnownCarts, type KnownCart, type KnownCartsDeps } from "./known-carts.ts";
import { atAddress, limitKey } from "../limit-key.ts";
import { refuse, type Outcome } from "./outcome.ts";
import type { Visit } from "./refusals.ts";
import { Strangers } from "./strangers.ts";

/** What this isolate knows of the fleet's registry; the registry itself is one RPC away. */
const carts = new KnownCarts();
const strangers = new Strangers();

const depsOf = (env: Env): KnownCartsDeps => ({ load: (kid) => env.FLEET.cart(kid), importKey: importPublicKey });

export const isBlocked = ({ address, now }: Visit): boolean => strangers.isBlocked(address, now);

/** The cart behind a kid, from the cache where it is fresh; a blocked address gets no further than the cache. */
export async function cartBy(kid: Kid, env: Env, visit: Visit): Promise<Result<KnownCart, "unknown" | "unavailable">> {
  const kept = carts.kept(kid, visit.now);
  if (kept !== undefined) return kept;
  return isBlocked(visit) ? fail("unknown") : carts.load(kid, visit.now, depsOf(env));
}

/** Messages that a store assignment or a policy decides: the registry is asked then and there, once a trip. */
const DECIDED_BY_REGISTRY: readonly CartMessage[] = ["attestation", "open"];

/** The record that a verified frame is judged by. */
export async function currentRecord(
  message: CartMessage,
  known: KnownCart,
  env: Env,
  visit: Visit,
): Promise<Result<CartRecord, "cart_revoked" | "signature" | "unavailable">> {
  let { record } = known;
  if (DECIDED_BY_REGISTRY.includes(message) && known.loadedAt !== visit.now) {
    const fresh = await carts.load(record.kid, visit.now, depsOf(env));
    if (!fresh.ok) return fail(fresh.reason === "unknown" ? "signature" : "unavailable");
    record = fresh.value.record;
  }
  return record.status === "active" ? ok(record) : fail("cart_revoked");
}

/** Counts what nobody can verify, by address. An unknown kid and a wrong signature are the same answer. */
export async function refuseStranger(env: Env, visit: Visit): Promise<Outcome> {
  if (isBlocked(visit)) return refuse("too_many");
  await countStranger(env, visit);
  return refuse("signature");
}

export async function countStranger(env: Env, { address, now }: Visit): Promise<void> {
  const key = `stranger ${await limitKey(atAddress(address), now)}`;
  const { success } = await env.DOOR_LIMIT.limit({ key });
  if (!success) strangers.block(address, now);
}
