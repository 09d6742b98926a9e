import type { ForgetAnswer, ForgetRequest } from "../../../protocol/pay/contract.ts";
import { openDataKeys } from "./data-key.ts";
import { answerPlace } from "./sealed-tables.ts";
import { openSealed } from "./security-event.ts";
import { appendAccess, type Vault } from "./vault.ts";

interface TokenRow {
  readonly digest: string;
  readonly card: string;
  readonly expires: number;
}

/** A payment that can still take money needs its token; one that is over needs none, for a refund neither. */
const OVER = "('captured', 'declined', 'voided')";
/** A card that only these tokens need (?1: JSON list of digests, ?2: JSON list of fingerprints). */
const ONLY_THESE = `fingerprint IN (SELECT value FROM json_each(?2)) AND NOT EXISTS
  (SELECT 1 FROM tokens WHERE tokens.card = cards.fingerprint AND tokens.digest NOT IN (SELECT value FROM json_each(?1)))`;

/**
 * An erasure: the tokens go, the stored answers that gave them out, and each card that no other token needs, number and
 * fingerprint (GDPR Art. 17; PCI DSS 3.2.1). One transaction, logged in it; a token that is already gone is no error.
 * Idempotent by the request: what earlier calls did is counted in, and what is left is looked up anew after it.
 * @throws SealBroken where a stored answer that may hold one of the tokens does not open: it must not be passed over
 */
export async function forgetTokens(vault: Vault, { request, tokens }: ForgetRequest): Promise<ForgetAnswer> {
  const { database, now } = vault;
  const digests = JSON.stringify(await Promise.all(tokens.map((token) => vault.digest("token", token))));
  const rows = await tokenRows(vault, digests);
  const cards = JSON.stringify([...new Set(rows.map(({ card }) => card))]);
  const expiries = rows.map(({ expires }) => expires);
  const answers = await answersWith(vault, expiries, tokens);
  await database.batch([
    ...(await Promise.all(
      [...new Set(rows.map(({ card }) => card))].map((card) =>
        appendAccess(vault, { actor: "forwarder", act: "forget", object: card, outcome: "granted" }),
      ),
    )),
    database
      .prepare(
        `INSERT INTO forgotten (request, tokens, answers, cards, at)
         VALUES (?3, (SELECT count(*) FROM tokens WHERE digest IN (SELECT value FROM json_each(?1))), ?4,
           (SELECT count(*) FROM cards WHERE ${ONLY_THESE}), ?5)
         ON CONFLICT (request) DO UPDATE SET tokens = tokens + excluded.tokens, answers = answers + excluded.answers,
           cards = cards + excluded.cards, at = excluded.at`,
      )
      .bind(digests, cards, request, answers.length, now),
    database.prepare(`DELETE FROM cards WHERE ${ONLY_THESE}`).bind(digests, cards),
    database.prepare("DELETE FROM tokens WHERE digest IN (SELECT value FROM json_each(?1))").bind(digests),
    database
      .prepare("DELETE FROM idempotency WHERE id IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(answers)),
    database
      .prepare(
        `UPDATE authorizations SET token = NULL, updated = ?2
         WHERE token IN (SELECT value FROM json_each(?1)) AND state IN ${OVER}`,
      )
      .bind(digests, now),
  ]);
  const left = (await tokenRows(vault, digests)).length + (await answersWith(vault, expiries, tokens)).length;
  return { ...(await counted(vault, request)), left: left + (await unneeded(vault, cards)) };
}

async function tokenRows({ database }: Vault, digests: string): Promise<readonly TokenRow[]> {
  const found = await database
    .prepare("SELECT digest, card, expires FROM tokens WHERE digest IN (SELECT value FROM json_each(?1))")
    .bind(digests)
    .all<TokenRow>();
  return found.results;
}

/**
 * Stored answers that hold one of the tokens. Nothing in the clear says which answer gave which token out, but both
 * expire at the same millisecond: only those few are opened.
 */
async function answersWith(vault: Vault, expiries: readonly number[], tokens: readonly string[]): Promise<string[]> {
  const found = await vault.database
    .prepare("SELECT id, answer, key_version FROM idempotency WHERE expires IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(expiries))
    .all<{ id: string; answer: string; key_version: number }>();
  const dataKeys = found.results.length === 0 ? undefined : await openDataKeys(vault);
  const holding: string[] = [];
  for (const { id, answer, key_version: version } of found.results) {
    if (dataKeys === undefined) break;
    const opened = await openSealed({ ...vault, dataKeys }, answerPlace(vault.cell, id, version), answer);
    const { token } = JSON.parse(new TextDecoder().decode(opened)) as { readonly token: string };
    if (tokens.includes(token)) holding.push(id);
  }
  return holding;
}

async function counted({ database }: Vault, request: string): Promise<Omit<ForgetAnswer, "left">> {
  const row = await database
    .prepare("SELECT tokens, answers, cards FROM forgotten WHERE request = ?")
    .bind(request)
    .first<Omit<ForgetAnswer, "left">>();
  return row ?? { tokens: 0, answers: 0, cards: 0 };
}

/** Cards of this call that are still there although no token needs them. */
async function unneeded({ database }: Vault, cards: string): Promise<number> {
  const row = await database
    .prepare(
      `SELECT count(*) AS n FROM cards WHERE fingerprint IN (SELECT value FROM json_each(?1))
         AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.card = cards.fingerprint)`,
    )
    .bind(cards)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
