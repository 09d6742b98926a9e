import { isPassing } from "./reply.ts";
import type { Exchange } from "./wire.ts";

export interface RetryPolicy {
  /** Attempts after the first one. */
  readonly retries: number;
  /** Milliseconds before the first repeat; doubles with each one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const RETRY: RetryPolicy = { retries: 5, firstDelayMs: 200, longestDelayMs: 8_000 };

/**
 * How long to wait before repeat number `attempt` (0 for the first). Half of it is chance, so that a fleet that lost
 * its network together does not come back together; never sooner than the server asks, within the longest delay.
 * @param random 0 inclusive to 1 exclusive
 */
export function delayBefore(attempt: number, policy: RetryPolicy, random: number, retryAfter: number | null): number {
  const full = Math.min(policy.firstDelayMs * 2 ** attempt, policy.longestDelayMs);
  const asked = (retryAfter ?? 0) * 1000;
  return Math.min(Math.max(full / 2 + (full / 2) * random, asked), policy.longestDelayMs);
}

/** The first lasting answer; else the last passing one; null when no answer came at all. */
export async function persist(
  attempt: () => Promise<Exchange>,
  policy: RetryPolicy,
  using: { readonly sleep: (ms: number) => Promise<void>; readonly random: () => number },
): Promise<Exchange | null> {
  for (let repeat = 0; ; repeat += 1) {
    const exchange = await attempt().catch(() => null);
    if (exchange !== null && !isPassing(exchange)) return exchange;
    if (repeat === policy.retries) return exchange;
    await using.sleep(delayBefore(repeat, policy, using.random(), exchange?.retryAfter ?? null));
  }
}
