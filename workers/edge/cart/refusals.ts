import type { CartCode } from "../../../protocol/cart/codes.ts";
import type { Kid } from "../../../protocol/ids.ts";
import type { CartRecord } from "../../../protocol/rooms/fleet.ts";
import type { Env } from "../env.ts";
import { atAddress, limitKey } from "../limit-key.ts";
import { logUnexpected } from "../log.ts";

/** One request at the cart's door, as far as the door has come to know it. */
export interface Visit {
  /** The route's template. */
  readonly route: string;
  /** Where it came from; what limiters count by, never stored. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Set once the registry knows it: a made-up kid is input, and input is not recorded. */
  kid: Kid | null;
  /** Set once the signature is verified. */
  record: CartRecord | null;
}

/**
 * One audit event a refusal, nothing of the input in it. Bounded by cart where the signature was verified, by
 * address otherwise, so that a flood fills no log. `unavailable` is the platform's own failure and is no refusal.
 * Failure policy: open; the refusal stands whether or not it is recorded.
 */
export async function recordRefusal(code: CartCode, visit: Visit, env: Env): Promise<void> {
  if (code === "unavailable") return;
  try {
    const key =
      visit.record === null
        ? `address ${await limitKey(atAddress(visit.address), visit.now)}`
        : `cart ${visit.record.serial}`;
    if (!(await env.REFUSAL_LIMIT.limit({ key })).success) return;
    await env.FLEET.refused({
      code,
      route: visit.route,
      cart: visit.record?.serial ?? null,
      kid: visit.kid,
      when: visit.now,
    });
  } catch (error) {
    logUnexpected(visit.route, error);
  }
}
