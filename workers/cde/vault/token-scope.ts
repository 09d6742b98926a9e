import type { AuthorizationRequest } from "../../../protocol/pay/contract.ts";
import { LAST_TIMEZONE_MS } from "../card/expiry.ts";
import { ACCOUNT } from "../card/request.ts";
import { logAccess, type Access, type Vault } from "./vault.ts";

/** Intents that may yet take money, or have. A ceiling is for all of a token's payments together. */
const SPENT = `(SELECT coalesce(sum(a.claimed_minor), 0) FROM authorizations AS a
  WHERE a.token = t.digest AND a.state NOT IN ('declined', 'voided'))`;

/**
 * Writes the intent of a charge where the token's scope covers it: cell, use, store, account, ceiling, the token's
 * expiry and the card's. One statement, so charges at the same time can't pass a ceiling together. The outcome is
 * logged beside it; nobody is told which part of the scope it was.
 * @param token the token's digest
 */
export async function takeWithinScope(vault: Vault, request: AuthorizationRequest, token: string): Promise<void> {
  const { database, now } = vault;
  const account =
    request.account !== undefined && ACCOUNT.test(request.account)
      ? await vault.digest("token-account", request.account)
      : (request.account ?? null);
  const month = new Date(now - LAST_TIMEZONE_MS);
  const access = { actor: "forwarder", act: "authorize", object: request.handoff } as const;
  await logAccess(vault, { ...access, outcome: "attempted" });
  const [, logged] = await database.batch<{ outcome: Access["outcome"] }>([
    database
      .prepare(
        `INSERT INTO authorizations
           (id, handoff, session, claimed_store, claimed_terminal, claimed_minor, claimed_currency, token, state, created, updated)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, t.digest, 'unknown', ?8, ?8 FROM tokens AS t
         WHERE t.digest = ?9 AND t.use = 'payment' AND t.cell = ?10 AND t.expires > ?8
           AND (t.store IS NULL OR t.store = ?4) AND t.account IS ?11
           AND t.exp_year * 12 + t.exp_month >= ?12
           AND (t.ceiling_minor IS NULL OR (t.currency = ?7 AND ${SPENT} + ?6 <= t.ceiling_minor))
         ON CONFLICT (handoff) DO NOTHING`,
      )
      .bind(
        crypto.randomUUID(),
        request.handoff,
        request.session,
        request.store,
        request.terminal,
        request.amount_minor,
        request.currency,
        now,
        token,
        vault.cell,
        account,
        month.getUTCFullYear() * 12 + month.getUTCMonth() + 1,
      ),
    database
      .prepare(
        `INSERT INTO access_log (at, actor, act, object, outcome) SELECT ?1, 'forwarder', 'authorize', ?2,
           CASE WHEN EXISTS (SELECT 1 FROM authorizations WHERE handoff = ?2 AND token = ?3) THEN 'granted' ELSE 'refused' END
         RETURNING outcome`,
      )
      .bind(now, request.handoff, token),
  ]);
  await logAccess(vault, { ...access, outcome: logged?.results[0]?.outcome ?? "refused" });
}
