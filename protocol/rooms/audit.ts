import type { Result } from "../result.ts";

/** What kinds of act the log knows: the list is closed, and an act of another kind is refused. */
export const AUDIT_KINDS = [
  "tier_join",
  "tier_join_ended",
  "raw_read",
  "raw_read_request",
  "roster_changed",
  "scc_changed",
  "review",
  "staff_override",
  "key_ceremony",
  "privacy_request",
  "purge",
  "firmware_release",
  "firmware_rollout",
  "certificate_issued",
  "cart_revoked",
  "store_assigned",
  "policy_changed",
  "sign_in",
  "refusal",
  "pan_detected",
  "cart_quarantined",
  "payment_mismatch",
  "walked_out",
  "settings_changed",
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One act, with the fields of PCI DSS 10.2.2. No personal data: people are salted commitments. */
export interface AuditAct {
  /** Who did it: a room, a cart (`cart:<serial>`) or a member of staff (`staff:<id>`). */
  readonly who: string;
  readonly kind: AuditKind;
  /** Milliseconds since the epoch. */
  readonly when: number;
  readonly success: boolean;
  /** Where it came from: the entrypoint or path. */
  readonly from: string;
  /** What it was done to, e.g. `session:<uuid>`, `cart:<serial>`, `subject:<commitment>`. */
  readonly on: string;
  /** Further facts: codes, counts, closed-list names; never free text from outside. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** The log's answer: the entry's index, given only once the entry is durable. */
export type Appended = Result<{ readonly index: number }, "invalid" | "unavailable">;

/** For rooms that must prove an act. The failure policy is the caller's: no append, no personal data (RULING-09). */
export interface AuditAppender {
  append(act: AuditAct): Promise<Appended>;
}

/**
 * A proof file's text (C2SP tlog-proof): the entry itself in its `extra` line, its inclusion proof and a signed
 * checkpoint with the witnesses' cosignatures that are there. It verifies alone: `npm run audit -- proof FILE`.
 * `unknown`: the log has no such entry, or it was pruned. `unavailable`: not sequenced in time; ask again.
 */
export type Proven = Result<string, "unknown" | "unavailable">;

/** For rooms that hand out a proof of what they appended; waits for the batch of the entry, some seconds at most. */
export interface AuditProver {
  /** @param index as `append` answered it */
  proof(index: number): Promise<Proven>;
}

export interface AuditEntry extends AuditAct {
  readonly index: number;
}

/** For `tools/audit`, witnesses and staff, by way of the ops room. Reading is itself no append. */
export interface AuditReader {
  /** Durable entries from an index on, those of the batch that is not yet published among them, and how many there are. */
  read(from: number, limit: number): Promise<{ readonly entries: readonly AuditEntry[]; readonly size: number }>;
  /**
   * What C2SP tlog-tiles serves below a log's prefix: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`;
   * beside it `cosigned`, the checkpoint that most witnesses cosigned, and `minimum`, below which entries are pruned.
   */
  resource(path: string): Promise<Result<Uint8Array, "unknown" | "unavailable">>;
  /**
   * A checkpoint of the log with a witness's cosignature below it. `conflict`: the log's key signed it and the log is
   * another, so somebody else has the key.
   */
  addCosignatures(note: string): Promise<Result<{ readonly size: number }, "invalid" | "conflict" | "unavailable">>;
}

/** For the object that holds the platform's retention schedule (the sessions room's). */
export interface AuditPruner {
  /**
   * Removes whole bundles of entries that are all older than 13 months, oldest first; the act is in the log before.
   * Idempotent; answers which indices went, `from` = `to` when none did. Call it again until none do.
   * @param now milliseconds since the epoch
   */
  prune(now: number): Promise<Result<PrunedEntries, "unavailable">>;
}

/** Entries `from`..`to` (exclusive) went; when the first that is left was made, ms since the epoch, null when none is. */
export interface PrunedEntries {
  readonly from: number;
  readonly to: number;
  readonly oldestLeft: number | null;
}
