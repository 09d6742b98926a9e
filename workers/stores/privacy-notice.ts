import { z } from "zod";
import { parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { SealedNotice } from "../../protocol/rooms/privacy-stores.ts";
import type { PosCall } from "./pos-client.ts";

/** JWE compact serialization (RFC 7516, 7.1) with ECDH-ES: its second part is empty. */
const JWE = /^[A-Za-z0-9_-]{1,1024}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,65536}\.[A-Za-z0-9_-]{22}$/;

const acknowledged = z.object({ acknowledgement: z.string().regex(/^[\x21-\x7e]{1,128}$/) });

/** What another room sends must be a sealed notice: this room carries what it can't read, and nothing else. */
export function isSealedNotice({ id, store, jwe }: SealedNotice): boolean {
  if (typeof id !== "string" || typeof store !== "string" || typeof jwe !== "string") return false;
  return parseSessionId(id) !== undefined && parseStoreId(store) !== undefined && JWE.test(jwe);
}

/** Hands a sealed notice to the recipient's POS. Key: the notice. An answer without an acknowledgement is none. */
export async function posNotice(
  call: PosCall,
  { id, store, jwe }: SealedNotice,
): Promise<Result<{ readonly acknowledgement: string }, "unavailable" | "refused">> {
  const answer = await call("/v1/privacy-notices", id, { store, jwe });
  if (!answer.ok) return answer;
  const parsed = acknowledged.safeParse(answer.value);
  return parsed.success ? ok(parsed.data) : fail("unavailable");
}
