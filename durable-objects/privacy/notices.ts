import type { SealedNotice } from "../../protocol/rooms/privacy-stores.ts";
import type { Env } from "../env.ts";

/**
 * Carries sealed notices to their recipients, each under its own idempotency key. One that fails, however it does,
 * holds up no other and is owed still.
 * @returns how many were acknowledged
 */
export async function deliverNotices(env: Env, notices: readonly SealedNotice[]): Promise<number> {
  let delivered = 0;
  for (const notice of notices) {
    try {
      const sent = await env.STORES.notify(notice);
      if (!sent.ok) continue;
      if ((await env.RIGHTS.noticed(notice.id, sent.value.acknowledgement)).ok) delivered += 1;
    } catch (error) {
      console.error(JSON.stringify({ event: "notice_failed", error: error instanceof Error ? error.name : "" }));
    }
  }
  return delivered;
}
