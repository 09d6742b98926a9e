import { appendAccess, type Vault } from "./vault.ts";

/** A class of data with its term: what is deleted, and what proves that nothing overdue is left. */
interface Retention {
  readonly class: "tokens" | "card_numbers" | "answers" | "used_jti";
  /** Deletes what is past its term. */
  readonly purge: string;
  /** How many are past their term. */
  readonly overdue: string;
  readonly oldest: string;
  /** Whether the purge and the count compare with the time. */
  readonly timed: boolean;
}

const byExpiry = (name: Retention["class"], table: string): Retention => ({
  class: name,
  purge: `DELETE FROM ${table} WHERE expires <= ?1`,
  overdue: `SELECT count(*) FROM ${table} WHERE expires <= ?1`,
  oldest: `SELECT min(expires) FROM ${table}`,
  timed: true,
});

const NO_TOKEN_LEFT = `pan IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.card = cards.fingerprint)`;

/** In this order: a card number goes with the last token that needs it. The keyed fingerprint stays: the same card is the same card. */
const RETENTION: readonly Retention[] = [
  byExpiry("tokens", "tokens"),
  {
    class: "card_numbers",
    purge: `UPDATE cards SET pan = NULL, key_version = NULL WHERE ${NO_TOKEN_LEFT}`,
    overdue: `SELECT count(*) FROM cards WHERE ${NO_TOKEN_LEFT}`,
    oldest: "SELECT min(created) FROM cards WHERE pan IS NOT NULL",
    timed: false,
  },
  byExpiry("answers", "idempotency"),
  byExpiry("used_jti", "used_jti"),
];

export interface Purged {
  readonly class: Retention["class"];
  readonly purged: number;
}

/**
 * Retention by the schedule, not on read (PCI DSS 3.2.1). One transaction, with a row of proof for each class: how
 * many went, how many that are overdue are left, and the oldest that may stay.
 */
export async function purge(vault: Pick<Vault, "database" | "log" | "now">): Promise<readonly Purged[]> {
  const { database, now } = vault;
  const results = await database.batch([
    await appendAccess(vault, { actor: "schedule", act: "purge", object: null, outcome: "granted" }),
    ...RETENTION.flatMap((each) => [
      each.timed ? database.prepare(each.purge).bind(now) : database.prepare(each.purge),
      // changes() is of the statement before: what went, as the database counted it.
      database
        .prepare(
          `INSERT INTO purges (at, class, purged, overdue_left, oldest_left)
           SELECT ?1, ?2, changes(), (${each.overdue}), (${each.oldest})`,
        )
        .bind(now, each.class),
    ]),
  ]);
  return RETENTION.map((each, i) => ({ class: each.class, purged: results[1 + 2 * i]?.meta.changes ?? 0 }));
}
