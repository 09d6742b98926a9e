import { monthsBefore } from "../../../protocol/tlog/keeping.ts";
import type { purges } from "../schema.ts";
import { appendAccess, type Vault } from "./vault.ts";

/** A class of data with its term: what is deleted, and what proves that nothing overdue is left. */
interface Retention {
  readonly class: PurgeClass;
  /** Deletes what is past its term, ?1. */
  readonly purge: string;
  /** How many are past their term, which is ?3 there. */
  readonly overdue: string;
  readonly oldest: string;
  /** The time that purge and count compare with, ms since the epoch; null: with none. */
  readonly before: ((now: number) => number) | null;
  /** Rows that hang on those, in the same transaction, by the same time. */
  readonly besides?: string;
}

/** Calendar months that a class is kept; a test compares them with the platform's policy. */
const KEPT = { authorizations: 25, vault_evidence: 13 } as const;
/** Days that a processor's event is: longer than any goes on delivering one. Compared with the policy as well. */
const EVENTS_KEPT_DAYS = 30;

type PurgeClass = (typeof purges.class.enumValues)[number];

const byExpiry = (name: Retention["class"], table: string): Retention => ({
  class: name,
  purge: `DELETE FROM ${table} WHERE expires <= ?1`,
  overdue: `SELECT count(*) FROM ${table} WHERE expires <= ?3`,
  oldest: `SELECT min(expires) FROM ${table}`,
  before: (now) => now,
});

/** Evidence of the environment's own, by the column that says when it was written. */
const evidence = (table: "purges" | "security_events" | "forgotten" | "access_log", at: "at" | "last"): Retention => ({
  class: table,
  purge: `DELETE FROM ${table} WHERE ${at} < ?1`,
  overdue: `SELECT count(*) FROM ${table} WHERE ${at} < ?3`,
  oldest: `SELECT min(${at}) FROM ${table}`,
  before: (now) => monthsBefore(now, KEPT.vault_evidence),
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
    before: null,
  },
  byExpiry("answers", "idempotency"),
  byExpiry("used_jti", "used_jti"),
  {
    class: "webhook_events",
    purge: `DELETE FROM webhook_events WHERE received < ?1`,
    overdue: `SELECT count(*) FROM webhook_events WHERE received < ?3`,
    oldest: `SELECT min(received) FROM webhook_events`,
    before: (now) => now - EVENTS_KEPT_DAYS * 86_400_000,
  },
  {
    class: "authorizations",
    besides: `DELETE FROM operations WHERE authorization IN (SELECT id FROM authorizations WHERE updated < ?1)`,
    purge: `DELETE FROM authorizations WHERE updated < ?1`,
    overdue: `SELECT count(*) FROM authorizations WHERE updated < ?3`,
    oldest: `SELECT min(updated) FROM authorizations`,
    before: (now) => monthsBefore(now, KEPT.authorizations),
  },
  evidence("security_events", "last"),
  evidence("forgotten", "at"),
  evidence("access_log", "at"),
  evidence("purges", "at"),
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
    ...RETENTION.flatMap((each) => statementsOf(database, each, now)),
  ]);
  // Of each class's statements the proof is the last, and the purge stands before it.
  const ends = RETENTION.map((each) => (each.besides === undefined ? 2 : 3));
  const purgeAt = ends.map((_, i) => ends.slice(0, i + 1).reduce((sum, many) => sum + many, 0) - 1);
  return RETENTION.map((each, i) => ({ class: each.class, purged: results[purgeAt[i] ?? -1]?.meta.changes ?? 0 }));
}

function statementsOf(
  database: D1Database,
  { class: name, purge: text, overdue, oldest, before, besides }: Retention,
  now: number,
): D1PreparedStatement[] {
  const term = before === null ? [] : [before(now)];
  return [
    ...(besides === undefined ? [] : [database.prepare(besides).bind(...term)]),
    database.prepare(text).bind(...term),
    // changes() is of the statement before: what went, as the database counted it.
    database
      .prepare(
        `INSERT INTO purges (at, class, purged, overdue_left, oldest_left)
         SELECT ?1, ?2, changes(), (${overdue}), (${oldest})`,
      )
      .bind(now, name, ...term),
  ];
}
