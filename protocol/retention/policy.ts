/** How long a record stays, counted from a moment that each rule names. Calendar months, in UTC. */
export type Term = { readonly days: number } | { readonly months: number };

/** Who carries a rule out: the cell's one retention object by way of a room, or a schedule of the room's own. */
export type Executor = "identity" | "stores" | "telemetry" | "audit" | "own schedule";

/**
 * Where a purge writes what it came to: the platform's audit log (`purge`, `class:<name>`), the vault's own table, or the
 * CDE's access log. `none`: an object that ends by its own alarm deletes all that it has in one step, and is not there any
 * more to have anything overdue.
 */
export type Proof = "audit log" | "vault.purges" | "access log" | "none";

interface Common {
  readonly class: string;
  /** Where it lies, as docs/storage-schema.md names it: tables of a database, each as `database.table`. */
  readonly tables?: readonly `${string}.${string}`[];
  /** R2 buckets; with a path, what lies under it. */
  readonly buckets?: readonly string[];
  /** Durable Objects, by their classes. */
  readonly objects?: readonly string[];
  readonly what: string;
  readonly why: string;
}

/** A class of records with its end. */
export interface TimedRule extends Common {
  readonly term: Term;
  /** The moment that the term is counted from. */
  readonly from: string;
  readonly ends: "deleted" | "made anonymous aggregates" | "the owner's key destroyed, all deleted";
  readonly by: Executor;
  readonly proof: Proof;
}

/** A class of records that stays while what it belongs to is there; when that goes, it goes with it, by another way. */
export interface StandingRule extends Common {
  readonly stays: string;
}

export type RetentionRule = TimedRule | StandingRule;

export const isTimed = (rule: RetentionRule): rule is TimedRule => "term" in rule;

/** No group of an aggregate has fewer sessions than this (PERSONS-104). */
export const LEAST_GROUP = 10;

/**
 * The policy (PERSONS-102): every table, bucket and object of a cell has a line. `docs/retention.md` is written
 * from it, a test compares both with the schemas, and the purges take their terms from here and from nowhere else.
 */
export const RETENTION: readonly RetentionRule[] = [
  // Tier 1
  {
    class: "segments",
    tables: ["telemetry.segments"],
    buckets: ["cartwright-telemetry"],
    what: "events of a trip, by cart and session",
    term: { months: 18 },
    from: "the event's day",
    ends: "deleted",
    by: "telemetry",
    proof: "audit log",
    why: "PRD-PII-14: fleet health and shrink analysis need one full year and its season before",
  },
  {
    class: "daily",
    tables: ["telemetry.daily", "telemetry.takings"],
    what: "counts by store and day",
    term: { months: 18 },
    from: "the end of the month",
    ends: "made anonymous aggregates",
    by: "telemetry",
    proof: "audit log",
    why: `PRD-PII-14: by store and month, no group under ${LEAST_GROUP} sessions, itself or by subtraction; smaller ones are dropped`,
  },
  {
    class: "monthly",
    tables: ["telemetry.monthly", "telemetry.monthly_takings"],
    what: "anonymous aggregates by store and month",
    term: { months: 60 },
    from: "the end of the month",
    ends: "deleted",
    by: "telemetry",
    proof: "audit log",
    why: "PRD-PII-14: deleted at five years",
  },
  {
    class: "receipts",
    tables: ["retail.receipts", "retail.sales"],
    buckets: ["cartwright-receipts"],
    what: "receipts, whose they are unknown, and the sale behind each",
    term: { months: 25 },
    from: "the day of issue; for a sale that of its last receipt",
    ends: "deleted",
    by: "stores",
    proof: "audit log",
    why: "the buyer's proof for the two years of legal guarantee (Directive (EU) 2019/771, Art. 10), and a month",
  },
  {
    class: "fiscal_sales_receipt",
    tables: ["retail.fiscal_holds"],
    what: "what fiscal law keeps of a receipt, apart: no session, no cart, no card",
    term: { days: 0 },
    from: "the last day that the signed table of fiscal laws gives the record (6 to 8 years)",
    ends: "deleted",
    by: "stores",
    proof: "audit log",
    why: "RULING-04: the law that the record itself names",
  },
  // Tier 2
  {
    class: "pairing_codes",
    tables: ["entities.pairing_codes"],
    what: "keyed hashes of pairing codes, and which cart redeemed each",
    term: { days: 7 },
    from: "the code's end",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "a replay from another cart must be seen while a trip can last; after that nobody needs it",
  },
  {
    class: "session_marks",
    tables: ["entities.session_links"],
    what: "sessions that ended with nobody linked",
    term: { days: 7 },
    from: "the session's end",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "a session that ended takes no shopper; a week later its object is long gone. A link with a shopper stays for the account's life",
  },
  {
    class: "card_holders",
    tables: ["entities.customers", "entities.card_references", "entities.session_links"],
    what: "anonymous records of shoppers who are known by a card alone",
    term: { months: 18 },
    from: "the last trip",
    ends: "the owner's key destroyed, all deleted",
    by: "identity",
    proof: "audit log",
    why: "there is no account whose life it could last (GDPR Art. 5(1)(e)); as long as Tier 1",
  },
  {
    class: "looks",
    tables: ["entities.looks"],
    what: "who looked at a person, by salted commitment",
    term: { months: 13 },
    from: "the look",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "as long as the audit log's entry that it repeats",
  },
  {
    class: "privacy_requests",
    tables: ["entities.privacy_requests", "entities.erasures"],
    what: "privacy requests that have ended, and how much each erasure found",
    term: { months: 24 },
    from: "the request's end",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "evidence that it was met (Cal. Code Regs. tit. 11, 7101(a); GDPR Art. 5(2))",
  },
  {
    class: "privacy_notices",
    tables: ["entities.privacy_notices"],
    what: "what recipients were told, sealed to them, with their acknowledgement",
    term: { months: 24 },
    from: "the acknowledgement; at once what is still to be told of a correction, once the person is erased",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "evidence that it was told (GDPR Art. 19)",
  },
  {
    class: "tombstones",
    buckets: ["cartwright-person-keys/tombstones"],
    what: "salted marks of who was erased",
    term: { months: 60 },
    from: "the erasure",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "longer than any copy of a database may be kept, so none brings an erased person back",
  },
  {
    class: "orphaned_keys",
    buckets: ["cartwright-person-keys"],
    what: "keys that no row names: a call that broke off left them",
    term: { days: 31 },
    from: "the key's writing",
    ends: "deleted",
    by: "own schedule",
    proof: "audit log",
    why: "a day longer than D1's history: a restore that is undone brings no row back without its key",
  },
  {
    class: "accounts",
    tables: [
      "entities.customers",
      "entities.loyalty_numbers",
      "entities.card_references",
      "entities.session_links",
      "entities.disclosures",
    ],
    what: "customers' random ids, loyalty numbers, cards, links to trips, and which recipient has which fields",
    stays: "the account's life; an erasure takes it",
    why: "PRD-PII-15",
  },
  {
    class: "identity_keys",
    tables: ["entities.key_versions"],
    what: "versions of the identity room's keys, by number and check value",
    stays: "for good: a number is never given to another key, and a retired one never writes again",
    why: "no key in it, and nobody's personal data",
  },
  {
    class: "retailers",
    tables: ["entities.loyalty_formats", "entities.recipients"],
    what: "retailers' number formats and public keys",
    stays: "while the retailer uses the platform",
    why: "not about people",
  },
  // Tier 3
  {
    class: "persons",
    tables: ["persons.persons", "persons.payment_methods"],
    buckets: ["cartwright-person-keys"],
    what: "sealed fields and payment methods of a person, and the key to them",
    stays: "the account's life; an erasure destroys the key and deletes the rows",
    why: "PRD-PII-16 as RULING-04 has it: the account's life, and no longer",
  },
  {
    class: "access_files",
    tables: ["persons.access_parts"],
    what: "the sealed file of an access request",
    term: { days: 0 },
    from: "its end, 30 days after the request is done; half a year after a part was made while it goes on",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "time to fetch it, and no longer (GDPR Art. 5(1)(e))",
  },
  {
    class: "raw_read_uses",
    tables: ["persons.raw_read_uses"],
    what: "which approvals were used up",
    term: { days: 0 },
    from: "a day after the approval's end",
    ends: "deleted",
    by: "identity",
    proof: "audit log",
    why: "an approval that is over is refused by its own time",
  },
  {
    class: "record_versions",
    tables: ["persons.record_versions"],
    what: "the newest version seen of each signed staff or SCC record",
    stays: "for good: an older version must never be believed again",
    why: "one small row a record, nobody's personal data",
  },
  // What must be proved
  {
    class: "audit_log",
    buckets: ["cartwright-audit"],
    objects: ["AuditLog"],
    what: "entries, tiles and checkpoints of the platform's log",
    term: { months: 13 },
    from: "the entry",
    ends: "deleted",
    by: "audit",
    proof: "audit log",
    why: "PCI DSS 10.5.1; whole prefixes alone, hashes stay",
  },
  // Staff
  {
    class: "raw_read_requests",
    tables: ["staff.raw_read_requests", "staff.reviews", "staff.review_items"],
    what: "who asked to read raw Tier 3 and who approved, weekly reviews and what was decided",
    term: { months: 24 },
    from: "the request; for a review its close",
    ends: "deleted",
    by: "own schedule",
    proof: "audit log",
    why: "evidence of two-person access, beyond the audit log's year",
  },
  {
    class: "scc_records",
    tables: ["staff.scc_records"],
    what: "signed records that let staff of another cell ask",
    term: { months: 24 },
    from: "the record's end",
    ends: "deleted",
    by: "own schedule",
    proof: "audit log",
    why: "evidence of a transfer's ground (GDPR Art. 46)",
  },
  {
    class: "join_counts",
    tables: ["staff.join_counts", "staff.raw_reads_seen"],
    what: "counts of machine joins by week, and reads that a review has seen",
    term: { days: 420 },
    from: "the week",
    ends: "deleted",
    by: "own schedule",
    proof: "audit log",
    why: "the same week of last year, to compare with",
  },
  {
    class: "staff_tokens",
    tables: ["staff.staff_tokens", "staff.used_proofs"],
    what: "tokens and proofs of possession that were used",
    term: { days: 0 },
    from: "a minute past the token's or proof's end, by the next daily run",
    ends: "deleted",
    by: "own schedule",
    proof: "audit log",
    why: "a replay after that is refused by its own time",
  },
  {
    class: "staff_accounts",
    tables: ["staff.staff_accounts", "staff.audit_cursor"],
    what: "staff accounts by opaque ids and public keys, and how far the log was read",
    stays: "for good: an ended account must stay known, or it could be given to another",
    why: "no names; who a person is, the retailer's own directory knows",
  },
  {
    class: "staff_purges",
    tables: ["staff.purge_days"],
    what: "on which day each class of the staff database was purged, and counts that the log has not taken yet",
    stays: "one row a class",
    why: "no record of anybody",
  },
  // Cards, in an account of their own
  {
    class: "tokens",
    tables: ["vault.tokens", "vault.idempotency", "vault.used_jti", "vault.cards"],
    what: "tokens, answers under an idempotency key, used assertions, and sealed card numbers that a token needs",
    term: { days: 0 },
    from: "each one's own end: an hour to identify, a day to pay; a card number with its last token",
    ends: "deleted",
    by: "own schedule",
    proof: "vault.purges",
    why: "PCI DSS 3.2.1: no longer than the purpose needs. A card's keyed fingerprints stay: the same card is the same card",
  },
  {
    class: "webhook_events",
    tables: ["vault.webhook_events"],
    what: "ids of the processor's events",
    term: { days: 30 },
    from: "its arrival",
    ends: "deleted",
    by: "own schedule",
    proof: "vault.purges",
    why: "longer than the processor repeats one",
  },
  {
    class: "authorizations",
    tables: ["vault.authorizations", "vault.operations"],
    what: "payments and refunds: amounts, states, receipt data with the last four digits at the most",
    term: { months: 25 },
    from: "the last change",
    ends: "deleted",
    by: "own schedule",
    proof: "vault.purges",
    why: "as long as the receipt that a refund goes back on",
  },
  {
    class: "vault_evidence",
    tables: ["vault.purges", "vault.security_events", "vault.forgotten", "vault.access_log"],
    what: "proofs of purges and erasures, places that did not open, the searchable copy of the access log",
    term: { months: 13 },
    from: "its writing",
    ends: "deleted",
    by: "own schedule",
    proof: "vault.purges",
    why: "PCI DSS 10.5.1; what the transparency log proves besides",
  },
  {
    class: "vault_keys",
    tables: ["vault.data_keys", "vault.rotations"],
    what: "wrapped data keys, and their numbers",
    stays: "a key until nothing needs it, then its wrapped text goes; its number is never given again",
    why: "PCI DSS 3.7.5",
  },
  {
    class: "cde_audit_log",
    buckets: ["cartwright-access-log"],
    objects: ["AccessLog"],
    what: "entries, tiles and checkpoints of the CDE's log",
    term: { months: 13 },
    from: "the entry",
    ends: "deleted",
    by: "own schedule",
    proof: "access log",
    why: "PCI DSS 10.5.1; whole prefixes alone, hashes stay",
  },
  // Things, not people
  {
    class: "catalogue",
    tables: ["retail.stores", "retail.products"],
    what: "stores and what they sell",
    stays: "while the store is open",
    why: "not about people",
  },
  {
    class: "carts",
    tables: [
      "fleet.manifest",
      "fleet.carts",
      "fleet.assignments",
      "fleet.policies",
      "fleet.beacons",
      "fleet.releases",
      "fleet.rollouts",
    ],
    buckets: ["cartwright-firmware"],
    objects: ["Cart"],
    what: "carts, their certificates and stores, what they must attest, firmware",
    stays:
      "for good: a revoked serial must never be enrolled again, and a cart may attest any image that was ever released",
    why: "devices, not people",
  },
  // Objects that end by an alarm of their own
  {
    class: "trips",
    objects: ["ShoppingSession"],
    what: "a trip's journal",
    term: { days: 0 },
    from: "its end, once the outbox is delivered and the processor holds no money of it",
    ends: "deleted",
    by: "own schedule",
    proof: "none",
    why: "docs/architecture.md, One trip",
  },
  {
    class: "refund_cases",
    objects: ["RefundCase"],
    what: "what went back of a receipt, who of the staff ordered it and why",
    term: { months: 25 },
    from: "the last refund",
    ends: "deleted",
    by: "own schedule",
    proof: "none",
    why: "as long as the receipt",
  },
  {
    class: "privacy_objects",
    objects: ["PrivacyRequest"],
    what: "how a privacy request came to its end, with its proofs",
    term: { months: 24 },
    from: "its end",
    ends: "deleted",
    by: "own schedule",
    proof: "none",
    why: "evidence that it was met (Cal. Code Regs. tit. 11, 7101(a))",
  },
  {
    class: "desks",
    objects: ["PrivacyDesk", "RetentionDesk", "ReviewDesk", "Housekeeping"],
    what: "which background work is owed",
    stays: "until the work is done",
    why: "no record of anybody",
  },
];
