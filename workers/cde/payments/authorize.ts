import type { AuthorizationRequest, PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { adopt } from "./adopt.ts";
import { authorizationByHandoff, authorizationById, type AuthorizationRow, type Till } from "./records.ts";
import { resume } from "./settle.ts";
import { answerWithSurplus } from "./surplus.ts";

/**
 * Adopts the authorization that a terminal started for a hand-off. The intent is a row before the processor is
 * asked; the same hand-off asks again, with another claim it is refused.
 */
export async function authorize(
  till: Till,
  request: AuthorizationRequest,
): Promise<Result<PaymentAnswer, "idempotency_mismatch">> {
  await till.database
    .prepare(
      `INSERT INTO authorizations
         (id, handoff, session, claimed_store, claimed_terminal, claimed_minor, claimed_currency, state, created, updated)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'unknown', ?, ?) ON CONFLICT (handoff) DO NOTHING`,
    )
    .bind(
      crypto.randomUUID(),
      request.handoff,
      request.session,
      request.store,
      request.terminal,
      request.amount_minor,
      request.currency,
      till.now,
      till.now,
    )
    .run();
  const row = await authorizationByHandoff(till, request.handoff);
  if (row === undefined) throw new Error("the intent row is gone");
  if (!sameClaim(row, request, null)) return fail("idempotency_mismatch");
  return ok(await answerWithSurplus(till, await resume(till, await adopt(till, row, request.reference))));
}

/** @param token the digest of the card on file's token; null: a terminal pays */
export function sameClaim(row: AuthorizationRow, request: AuthorizationRequest, token: string | null): boolean {
  return (
    row.session === request.session &&
    row.claimedStore === request.store &&
    row.claimedTerminal === request.terminal &&
    row.claimedMinor === request.amount_minor &&
    row.claimedCurrency === request.currency &&
    row.token === token
  );
}

/** The state of an authorization, asked anew while it is not final. */
export async function statusOf(till: Till, id: string): Promise<Result<PaymentAnswer, "not_found">> {
  const row = await authorizationById(till, id);
  if (row === undefined) return fail("not_found");
  return ok(await answerWithSurplus(till, await resume(till, await adopt(till, row, null))));
}
