/** What a member of staff may do; a token and a roster record may carry several. */
export const STAFF_ROLES = [
  "provisioning",
  "staff",
  "auditor",
  /** Reads the audit log's checkpoints and hashes, no entry, and brings cosignatures. */
  "witness",
  /** Asks for raw Tier-3 reads. */
  "privacy",
  /** Approves what another human asked for. */
  "privacy_approver",
  /** Decides the items of the weekly review. */
  "reviewer",
  /** Edits the roster, and therefore approves nothing. */
  "people_admin",
  /** The data-protection officer: signs SCC records. */
  "dpo",
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** An account of the retailer's: never a name or an address. */
export const ACCOUNT = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Who an account belongs to: opaque, and the same for every account of one human. */
export const HUMAN = /^h-[a-z0-9]{4,32}$/;

/** A P-256 public key (RFC 7518, 6.2.1) and no other member. */
export interface PublicKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** One account of the roster as the staff authority signs it. Times are seconds since the epoch (RFC 7519, 2). */
export interface RosterRecord {
  readonly account: string;
  readonly human: string;
  /** The hardware key's own; one human's, never two humans'. */
  readonly key: PublicKey;
  /** The kind of key, e.g. its AAGUID: no serial number. */
  readonly label: string;
  readonly roles: readonly StaffRole[];
  /** Grows with every change: a record that a newer one has replaced is not believed. */
  readonly version: number;
  readonly issued: number;
  /** Not believed from here on, whether or not a newer one was seen. */
  readonly expires: number;
  /** The account has ended for good. */
  readonly ended: boolean;
}
