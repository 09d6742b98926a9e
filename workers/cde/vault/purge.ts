import { appendAccess } from "./vault.ts";

export interface Purged {
  readonly tokens: number;
  readonly cards: number;
}

/**
 * Retention (PCI DSS 3.2.1): tokens, idempotency answers and replay marks go when they expire, and a card number
 * goes with the last token that needs it. The card's keyed fingerprint stays, so the same card is the same card.
 */
export async function purge(database: D1Database, now: number): Promise<Purged> {
  const [, tokens, cards] = await database.batch([
    appendAccess({ database, now }, { actor: "schedule", act: "purge", object: null, outcome: "granted" }),
    database.prepare("DELETE FROM tokens WHERE expires <= ?").bind(now),
    database.prepare(
      `UPDATE cards SET pan = NULL, key_version = NULL
       WHERE pan IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.card = cards.fingerprint)`,
    ),
    database.prepare("DELETE FROM idempotency WHERE expires <= ?").bind(now),
    database.prepare("DELETE FROM used_jti WHERE expires <= ?").bind(now),
  ]);
  return { tokens: tokens?.meta.changes ?? 0, cards: cards?.meta.changes ?? 0 };
}
