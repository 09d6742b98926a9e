import type { CartClient } from "../cart/client.ts";
import type { Reply } from "../cart/reply.ts";
import type { Surroundings } from "../trip/shopper.ts";

/** As long as a cart insists on one step: longer than a crashed process needs to come back. */
const INSIST_MS = 120_000;
const PAUSE_MS = 400;

/** A step that the platform refused for good, or did not answer for minutes. */
export class StepFailed extends Error {
  readonly reason: string;

  constructor(step: string, reason: string) {
    super(`${step}: ${reason}`);
    this.name = "StepFailed";
    this.reason = reason;
  }
}

/** Unlocks the cart and opens a trip, however often the link fails. */
export async function openTrip(cart: CartClient, around: Surroundings): Promise<string> {
  const { session } = await insist("open", async () => {
    if (cart.attestation === null) {
      const attested = await cart.attest(around.beacon);
      if (!attested.ok) return { ...attested, reason: "offline" as const };
    }
    const opened = await cart.open();
    // A nonce that was spent by a frame whose answer is lost for good: the next greeting gives another.
    return opened.ok || opened.reason !== "attestation" ? opened : { ...opened, reason: "offline" as const };
  });
  return session;
}

/** One item. A frame that nobody answered is sent again as it is: a second scan would be a second item. */
export async function scanOne(cart: CartClient, code: string): Promise<void> {
  const reply = await cart.scan(code);
  if (reply.ok) return;
  if (reply.reason !== "offline") throw new StepFailed("scan", reply.reason);
  await insist("scan", async () => {
    const left = await cart.flush();
    return left === 0 ? { ok: true, value: left, status: 200 } : { ...reply, reason: "offline" };
  });
}

/** Repeats a step while the link or the platform is away. @throws StepFailed on a refusal */
export async function insist<T>(step: string, attempt: () => Promise<Reply<T>>): Promise<T> {
  const until = Date.now() + INSIST_MS;
  for (;;) {
    const reply = await attempt();
    if (reply.ok) return reply.value;
    const passing = reply.reason === "offline" || reply.reason === "unavailable";
    if (!passing || Date.now() > until) throw new StepFailed(step, reply.reason);
    await pause(PAUSE_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
