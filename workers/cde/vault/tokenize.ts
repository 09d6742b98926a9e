import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { TOKEN_LIFE_SECONDS, type TokenizeAnswer } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { utf8 } from "../bytes.ts";
import type { CheckedCard, Client } from "../card/request.ts";
import { cards, idempotency } from "../schema.ts";
import type { StateCard } from "./card-statement.ts";
import { KEY_ALIVE, openDataKeys, type DataKeys } from "./data-key.ts";
import { SealBroken, seal } from "./seal.ts";
import { answerPlace, panPlace } from "./sealed-tables.ts";
import { openSealed } from "./security-event.ts";
import { newToken } from "./token.ts";
import { appendAccess, type Vault } from "./vault.ts";

/** With what signs the card form's answers. */
export interface TokenizingVault extends Vault {
  readonly state: StateCard;
}
type OpenVault = TokenizingVault & { readonly dataKeys: DataKeys };
type Tokenized = Result<TokenizeAnswer, "idempotency_mismatch">;

/**
 * Stores a card once and gives a scoped token for it. The idempotency row, the card and the token are written in
 * one batch; the token only where this attempt won the key, so equal calls at the same time get one token.
 */
export async function tokenize(
  vault: TokenizingVault,
  client: Client,
  idempotencyKey: string,
  card: CheckedCard,
): Promise<Tokenized> {
  for (let tries = 3; tries > 0; tries--) {
    const answer = await tokenizeOnce({ ...vault, dataKeys: await openDataKeys(vault) }, client, idempotencyKey, card);
    if (answer !== undefined) return answer;
  }
  throw new Error("every data key was destroyed meanwhile");
}

/** undefined: the data key was destroyed on the way, so nothing was written; to be done again with the newer one. */
async function tokenizeOnce(
  vault: OpenVault,
  client: Client,
  idempotencyKey: string,
  card: CheckedCard,
): Promise<Tokenized | undefined> {
  const id = await vault.digest("idempotency-key", `${client}|${idempotencyKey}`);
  // The CVV takes no part: not even a digest of it may outlive the request (PCI DSS 3.3.1.2).
  const request = await vault.digest("tokenize-request", JSON.stringify(card));
  const earlier = await given(vault, client, id, request);
  if (earlier !== undefined) return earlier;

  const fingerprint = await vault.digest("pan", card.pan);
  const account = await accountOf(vault, fingerprint, card.pan);
  const token = newToken((length) => crypto.getRandomValues(new Uint8Array(length)));
  const shown: TokenizeAnswer = {
    token,
    scheme: card.scheme,
    last4: card.pan.slice(-4),
    exp_month: card.expiry.month,
    exp_year: card.expiry.year,
  };
  const answer = client === "card-form" ? await stated(vault, shown, account) : shown;
  const version = vault.dataKeys.current;
  const key = await vault.dataKeys.get(version);
  const sealedPan = await seal(key, panPlace(vault.cell, fingerprint, version), utf8(card.pan));
  const sealedAnswer = await seal(key, answerPlace(vault.cell, id, version), utf8(JSON.stringify(answer)));
  const attempt = crypto.randomUUID();
  const expires = vault.now + TOKEN_LIFE_SECONDS[card.use] * 1000;
  const { database } = vault;
  await database.batch([
    await appendAccess(vault, { actor: client, act: "tokenize", object: fingerprint, outcome: "granted" }),
    database
      .prepare(
        `INSERT INTO idempotency (id, request, attempt, answer, key_version, expires)
         SELECT ?, ?, ?, ?, ?, ? WHERE ${KEY_ALIVE} ON CONFLICT (id) DO NOTHING`,
      )
      .bind(id, request, attempt, sealedAnswer, version, expires, version),
    database
      .prepare(
        `INSERT INTO cards (fingerprint, account, pan, key_version, scheme, created)
         SELECT ?, ?, ?, ?, ?, ? WHERE ${KEY_ALIVE}
         ON CONFLICT (fingerprint) DO UPDATE SET pan = excluded.pan, key_version = excluded.key_version WHERE cards.pan IS NULL`,
      )
      .bind(fingerprint, account, sealedPan, version, card.scheme, vault.now, version),
    database
      .prepare(
        `INSERT INTO tokens
           (digest, card, cell, store, use, ceiling_minor, currency, account, exp_month, exp_year, client, created, expires)
         SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM idempotency WHERE id = ? AND attempt = ?)`,
      )
      .bind(
        await vault.digest("token", token),
        fingerprint,
        vault.cell,
        card.store,
        card.use,
        card.use === "identify" ? 0 : (card.ceiling?.minor ?? null),
        card.ceiling?.currency ?? null,
        card.account === null ? null : await vault.digest("token-account", card.account),
        card.expiry.month,
        card.expiry.year,
        client,
        vault.now,
        expires,
        id,
        attempt,
      ),
  ]);
  return given(vault, client, id, request);
}

/** The answer with the statement that the app carries to the identity room. */
async function stated(vault: OpenVault, answer: TokenizeAnswer, account: string): Promise<TokenizeAnswer> {
  const reference = await vault.digest("card-reference", account);
  return { ...answer, statement: await vault.state(answer, reference, vault.now) };
}

/** The answer that this key was given, if it was used. */
async function given(vault: OpenVault, client: Client, id: string, request: string): Promise<Tokenized | undefined> {
  const row = await drizzle(vault.database).select().from(idempotency).where(eq(idempotency.id, id)).get();
  if (row === undefined) return undefined;
  if (row.request !== request) return fail("idempotency_mismatch");
  try {
    const opened = await openSealed(vault, answerPlace(vault.cell, id, row.keyVersion), row.answer);
    return ok(JSON.parse(new TextDecoder().decode(opened)) as TokenizeAnswer);
  } catch (error) {
    if (error instanceof SealBroken)
      await (await appendAccess(vault, { actor: client, act: "open_answer", object: id, outcome: "tampered" })).run();
    throw error;
  }
}

/**
 * The account that a card belongs to, settled when the card is first seen and never changed after: a reference
 * that moved would lose the shopper. Fails open: a processor that does not answer is taken as having none.
 */
async function accountOf(vault: Vault, fingerprint: string, pan: string): Promise<string> {
  const known = await drizzle(vault.database)
    .select({ account: cards.account })
    .from(cards)
    .where(eq(cards.fingerprint, fingerprint))
    .get();
  if (known !== undefined) return known.account;
  const reference = await vault.processor.paymentAccountReference(pan);
  return reference === undefined ? fingerprint : vault.digest("payment-account-reference", reference);
}
