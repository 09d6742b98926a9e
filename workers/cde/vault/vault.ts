import type { Processor } from "../processor/processor.ts";
import type { DataKeys } from "./data-key.ts";
import type { Digest } from "./digests.ts";
import type { StateCard } from "./card-statement.ts";

/** What the vault's operations work with. */
export interface Vault {
  readonly database: D1Database;
  readonly cell: string;
  readonly dataKeys: DataKeys;
  readonly digest: Digest;
  readonly processor: Processor;
  /** Signs what the identity room may believe of a card form's token. */
  readonly state: StateCard;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Who did what to which object; appended before the object is read. */
export interface Access {
  readonly actor: "reader-vendor" | "card-form" | "forwarder" | "schedule";
  readonly act: "tokenize" | "card_reference" | "open_answer" | "authorize" | "purge";
  readonly object: string | null;
  readonly outcome: "granted" | "refused" | "tampered" | "foreign_reference";
}

/** The statement that appends a row; run alone or in the batch of what it records. No append, no card. */
export function appendAccess(vault: Pick<Vault, "database" | "now">, access: Access): D1PreparedStatement {
  return vault.database
    .prepare("INSERT INTO access_log (at, actor, act, object, outcome) VALUES (?, ?, ?, ?, ?)")
    .bind(vault.now, access.actor, access.act, access.object, access.outcome);
}
