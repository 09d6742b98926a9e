import type { Result } from "../result.ts";

/** `wrapping` wraps persons' keys; `index` keys the blind indexes. */
export type IdentityKey = "wrapping" | "index";

/** An act on a version, and its entry in the audit log, whose proof is at the log's door (GET /admin/v1/audit/proofs/:index). */
export interface KeyCeremony {
  readonly act: "introduce" | "activate" | "retire";
  readonly auditIndex: number;
}

/** One version of one key, and what still needs it. */
export interface KeyUse {
  readonly key: IdentityKey;
  readonly version: number;
  /** `writes`: what is new is made under it. `reads`: older. `retired`: nothing needs it. `missing`: needed, not configured. */
  readonly state: "writes" | "reads" | "retired" | "missing";
  /** Milliseconds since the epoch; null when it never wrote. */
  readonly activated: number | null;
  /** In their order; a database's first keys were brought by none. */
  readonly ceremonies: readonly KeyCeremony[];
  /** Records under it by where they are, counted anew; places without one are left out. */
  readonly left: Readonly<Record<string, number>>;
}

/** What one step did; the next goes on from `next`, null is the end of the walk. */
export interface RotationStep {
  readonly moved: number;
  /** Records that do not open, or whose value is not kept: they stay under the older version. */
  readonly stuck: number;
  readonly next: string | null;
  /** The audit log's entry of this step: the first of each place has one, the others null. */
  readonly auditIndex: number | null;
}

/**
 * A walk over all that is under an older version of a key. Bounded a call, idempotent, and begun anew from null after
 * anything: what was moved is not moved again.
 */
export interface KeyRotator {
  /** @throws RangeError for a place that no call answered */
  rotateKeys(from: string | null): Promise<Result<RotationStep, "unavailable">>;
}

/**
 * For staff. `needed`: records are under it. `writing`: it is the one that writes, or the one that does has done so for
 * less than a minute, when an isolate of before may still write the older. `unknown_version`: there is none. A retirement
 * answers its entry in the audit log; again, the same one, null for one from before entries were kept.
 */
export interface IdentityForKeys extends KeyRotator {
  keyUses(): Promise<Result<readonly KeyUse[], "unavailable">>;
  retireKey(
    key: IdentityKey,
    version: number,
    staff: string,
  ): Promise<Result<{ readonly auditIndex: number | null }, "unavailable" | "unknown_version" | "writing" | "needed">>;
}
