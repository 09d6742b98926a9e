import type { AuthorizationRequest, PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { cardOnFile } from "../vault/card-on-file.ts";
import { isToken } from "../vault/token.ts";
import { takeWithinScope } from "../vault/token-scope.ts";
import type { Vault } from "../vault/vault.ts";
import { adopt } from "./adopt.ts";
import { sameClaim } from "./authorize.ts";
import { authorizationByHandoff, authorizationById, operationIn, type AuthorizationRow, type Till } from "./records.ts";
import { resume } from "./settle.ts";
import { answerWithSurplus } from "./surplus.ts";

type ByToken = Result<PaymentAnswer, "not_found" | "idempotency_mismatch">;

/**
 * Charges a card on file. The scope is decided once, in the statement that writes the intent; the same hand-off asks
 * again after a lost answer. Outside the scope, for whatever reason, there is nothing here.
 */
export async function authorizeByToken(
  vault: Vault,
  request: AuthorizationRequest & { readonly token: string },
): Promise<ByToken> {
  if (!isToken(request.token)) return fail("not_found");
  const token = await vault.digest("token", request.token);
  if ((await authorizationByHandoff(vault, request.handoff)) === undefined)
    await takeWithinScope(vault, request, token);
  const row = await authorizationByHandoff(vault, request.handoff);
  if (row === undefined) return fail("not_found");
  if (!sameClaim(row, request, token)) return fail("idempotency_mismatch");
  await charge(vault, row, token);
  const charged = (await authorizationById(vault, row.id)) ?? row;
  return ok(await answerWithSurplus(vault, await resume(vault, await adopt(vault, charged, null))));
}

/**
 * Intent row, then the processor, then the result. While the processor has not answered, the same charge is asked for
 * again under the same key, never another one.
 */
async function charge(vault: Vault, row: AuthorizationRow, token: string): Promise<void> {
  if (row.reference !== null || (await operationIn(vault, row.id, "charge"))?.state === "refused") return;
  const key = `${row.handoff}:charge`;
  await vault.database
    .prepare(
      `INSERT INTO operations (id, authorization, verb, slot, key, amount_minor, currency, reason, state, created, updated)
       VALUES (?, ?, 'charge', 'charge', ?, ?, ?, NULL, 'intent', ?, ?) ON CONFLICT DO NOTHING`,
    )
    .bind(crypto.randomUUID(), row.id, key, row.claimedMinor, row.claimedCurrency, vault.now, vault.now)
    .run();
  const card = await cardOnFile(vault, token);
  if (card === undefined) return;
  const given = await vault.processor.charge?.(
    {
      handoff: row.handoff,
      store: row.claimedStore,
      terminal: row.claimedTerminal,
      amount: { minor: row.claimedMinor, currency: row.claimedCurrency as AuthorizationRequest["currency"] },
      ...card,
    },
    key,
  );
  if (given !== undefined && !given.ok && given.reason === "no_answer") return;
  await settled(vault, row, key, given?.ok === true);
}

/** What the processor refuses without a payment in its books is a decline. */
function settled(till: Till, row: AuthorizationRow, key: string, done: boolean): Promise<unknown> {
  return till.database.batch([
    till.database
      .prepare("UPDATE operations SET state = ?, updated = ? WHERE key = ? AND state = 'intent'")
      .bind(done ? "done" : "refused", till.now, key),
    till.database
      .prepare(
        "UPDATE authorizations SET state = 'declined', updated = ? WHERE id = ? AND state IN ('unknown', 'pending') AND ?",
      )
      .bind(till.now, row.id, done ? 0 : 1),
  ]);
}
