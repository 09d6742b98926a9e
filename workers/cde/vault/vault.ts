import type { KeyCommand } from "../../../protocol/pay/key-order.ts";
import type { Processor } from "../processor/processor.ts";
import type { Digest } from "./digests.ts";
import type { KeyEncryptionKeys } from "./key-encryption-key.ts";

/** What the vault's operations work with. */
export interface Vault {
  readonly database: D1Database;
  readonly cell: string;
  readonly keks: KeyEncryptionKeys;
  readonly digest: Digest;
  readonly processor: Processor;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Who did what to which object; appended before the object is read. */
export interface Access {
  readonly actor: "reader-vendor" | "card-form" | "forwarder" | "schedule" | "custodian";
  readonly act:
    | "tokenize"
    | "card_reference"
    | "open_answer"
    | "authorize"
    | "charge"
    | "void_surplus"
    | "purge"
    | "rewrap"
    | `key_${KeyCommand["order"]}`;
  readonly object: string | null;
  readonly outcome: "granted" | "refused" | "tampered" | "foreign_reference";
}

    | "forget"
/** The statement that appends a row; run alone or in the batch of what it records. No append, no card. */
export function appendAccess(vault: Pick<Vault, "database" | "now">, access: Access): D1PreparedStatement {
  return vault.database
    .prepare("INSERT INTO access_log (at, actor, act, object, outcome) VALUES (?, ?, ?, ?, ?)")
    .bind(vault.now, access.actor, access.act, access.object, access.outcome);
}
