import type { KeyCommand } from "../../../protocol/pay/key-order.ts";
import type { AccessEntry } from "../../../protocol/pay/access-entry.ts";
import type { Processor } from "../processor/processor.ts";
import type { Digest } from "./digests.ts";
import type { KeyEncryptionKeys } from "./key-encryption-key.ts";

/** The access log: an entry is durable, and part of the tree from then on, when its index is answered. */
export interface AccessWriter {
  append(entry: AccessEntry): Promise<number>;
}

/** What the vault's operations work with. */
export interface Vault {
  readonly log: AccessWriter;
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
    | "forget"
    | "purge"
    | "rewrap"
    | `key_${KeyCommand["order"]}`;
  readonly object: string | null;
  /** `attempted`: before the outcome is known. */
  readonly outcome: "attempted" | "granted" | "refused" | "tampered" | "foreign_reference";
}

type Writer = Pick<Vault, "database" | "log" | "now">;

/** Appends to the access log and answers the entry's index. @throws when the log does not answer: no append, no card */
export function logAccess({ log, now }: Pick<Writer, "log" | "now">, access: Access): Promise<number> {
  const { actor, act, object, outcome } = access;
  return log.append({ at: now, actor, act, object, outcome });
}

/** The statement for the log's copy in the database, which is there to be asked; the log is what proves. */
export function accessRow({ database, now }: Pick<Writer, "database" | "now">, access: Access): D1PreparedStatement {
  return database
    .prepare("INSERT INTO access_log (at, actor, act, object, outcome) VALUES (?, ?, ?, ?, ?)")
    .bind(now, access.actor, access.act, access.object, access.outcome);
}

/** Appends to the log; @returns the statement for its copy, run alone or in the batch of what it records */
export async function appendAccess(writer: Writer, access: Access): Promise<D1PreparedStatement> {
  await logAccess(writer, access);
  return accessRow(writer, access);
}
