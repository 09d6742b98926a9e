import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * The vault's database. `sealed` columns are AES-256-GCM under the data key of `key_version` with the row's own
 * associated data; digests are HMACs under keys that are not in it. Times are milliseconds since the epoch.
 * No column ever holds sensitive authentication data (PCI DSS 3.3.1).
 */
export const dataKeys = sqliteTable("data_keys", {
  version: integer("version").primaryKey(),
  /** The data key, wrapped by the key-encryption key whose check value is beside it. */
  wrapped: text("wrapped").notNull(),
  kekCheck: text("kek_check").notNull(),
  created: integer("created").notNull(),
  /** When the key was destroyed; its `wrapped` is then empty, and its number is never given again. */
  destroyed: integer("destroyed"),
});

/** One row a rotation: the data key that it brought in, and how far the re-wrap's walk has come. */
export const rotations = sqliteTable("rotations", {
  version: integer("version").primaryKey(),
  started: integer("started").notNull(),
  /** When nothing was left under an older key. */
  finished: integer("finished"),
  /** The last row that the walk looked at, by table, so one that does not open can't hold up the rest. */
  cardCursor: text("card_cursor").notNull().default(""),
  answerCursor: text("answer_cursor").notNull().default(""),
});

export const cards = sqliteTable(
  "cards",
  {
    /** HMAC of the whole PAN: a card is stored once. */
    fingerprint: text("fingerprint").primaryKey(),
    /** HMAC of the payment account reference, or the fingerprint where the processor gave none; never changes. */
    account: text("account").notNull(),
    /** Sealed; null once no token needs it any more. */
    pan: text("pan"),
    keyVersion: integer("key_version"),
    scheme: text("scheme").notNull(),
    created: integer("created").notNull(),
  },
  (table) => [index("cards_key_version").on(table.keyVersion)],
);

export const tokens = sqliteTable(
  "tokens",
  {
    /** HMAC of the token: the vault can't give one out again. */
    digest: text("digest").primaryKey(),
    card: text("card").notNull(),
    cell: text("cell").notNull(),
    store: text("store"),
    use: text("use", { enum: ["identify", "payment"] }).notNull(),
    /** Minor units; 0 identifies and never pays, null has no ceiling of its own. */
    ceilingMinor: integer("ceiling_minor"),
    /** Of the ceiling; null where there is none. */
    currency: text("currency"),
    /** HMAC of the only account that may pay with it; null: it was made for none. */
    account: text("account"),
    expMonth: integer("exp_month").notNull(),
    expYear: integer("exp_year").notNull(),
    client: text("client").notNull(),
    created: integer("created").notNull(),
    expires: integer("expires").notNull(),
  },
  (table) => [index("tokens_expires").on(table.expires), index("tokens_card").on(table.card)],
);

export const idempotency = sqliteTable(
  "idempotency",
  {
    /** HMAC of client and key. */
    id: text("id").primaryKey(),
    /** HMAC of the request without its CVV. */
    request: text("request").notNull(),
    attempt: text("attempt").notNull(),
    /** The answer, sealed: it holds a token. */
    answer: text("answer").notNull(),
    keyVersion: integer("key_version").notNull(),
    expires: integer("expires").notNull(),
  },
  (table) => [index("idempotency_expires").on(table.expires), index("idempotency_key_version").on(table.keyVersion)],
);

export const usedJti = sqliteTable(
  "used_jti",
  { id: text("id").primaryKey(), expires: integer("expires").notNull() },
  (table) => [index("used_jti_expires").on(table.expires)],
);

/** PCI DSS 10.2.2: who, what, when, on which object, with what outcome. Rows are only ever added. */
export const accessLog = sqliteTable("access_log", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  at: integer("at").notNull(),
  actor: text("actor").notNull(),
  act: text("act").notNull(),
  object: text("object"),
  outcome: text("outcome").notNull(),
});

/** What may mean tampering: a stored value that does not open where it stands. One row a place, with a count. */
export const securityEvents = sqliteTable(
  "security_events",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    kind: text("kind", { enum: ["seal_broken"] }).notNull(),
    /** Table and row, e.g. `cards/<fingerprint>`. */
    object: text("object").notNull(),
    field: text("field").notNull(),
    /** The key that the row claims. */
    keyVersion: text("key_version").notNull(),
    first: integer("first").notNull(),
    last: integer("last").notNull(),
    times: integer("times").notNull(),
  },
  (table) => [uniqueIndex("security_events_place").on(table.kind, table.object, table.field, table.keyVersion)],
);

/** The proof of each purge, a row a class (PCI DSS 3.2.1). */
export const purges = sqliteTable("purges", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  at: integer("at").notNull(),
  class: text("class", {
    enum: [
      "tokens",
      "card_numbers",
      "answers",
      "used_jti",
      "webhook_events",
      "authorizations",
      "security_events",
      "forgotten",
      "access_log",
      "purges",
    ],
  }).notNull(),
  purged: integer("purged").notNull(),
  /** Rows past their term that are still there: 0, or the purge failed. */
  overdueLeft: integer("overdue_left").notNull(),
  /** The earliest end of term among what is left; for card numbers, when the oldest that is left was stored. */
  oldestLeft: integer("oldest_left"),
});

/** One row an erasure: how much went, so that a call that is made again answers the same. No card, no person. */
export const forgotten = sqliteTable("forgotten", {
  /** The privacy request's UUID. */
  request: text("request").primaryKey(),
  tokens: integer("tokens").notNull(),
  answers: integer("answers").notNull(),
  cards: integer("cards").notNull(),
  at: integer("at").notNull(),
});

export const authorizations = sqliteTable(
  "authorizations",
  {
    id: text("id").primaryKey(),
    handoff: text("handoff").notNull(),
    /** What the forwarder claimed when it first asked; the same hand-off with another claim is refused. */
    session: text("session").notNull(),
    claimedStore: text("claimed_store").notNull(),
    claimedTerminal: text("claimed_terminal").notNull(),
    claimedMinor: integer("claimed_minor").notNull(),
    claimedCurrency: text("claimed_currency").notNull(),
    /** HMAC of the token of a card on file that pays it; null where a terminal does. */
    token: text("token"),
    /** What the processor said; null while it has not. */
    state: text("state").notNull(),
    reference: text("reference"),
    amountMinor: integer("amount_minor"),
    currency: text("currency"),
    terminal: text("terminal"),
    store: text("store"),
    emv: text("emv"),
    /** Why it was declined, of the contract's closed set. */
    decline: text("decline"),
    capturedMinor: integer("captured_minor").notNull().default(0),
    created: integer("created").notNull(),
    updated: integer("updated").notNull(),
  },
  (table) => [uniqueIndex("authorizations_handoff").on(table.handoff), index("authorizations_token").on(table.token)],
);

/** One row an outside effect, written before the call: what was meant, and whether the processor confirmed it. */
export const operations = sqliteTable(
  "operations",
  {
    id: text("id").primaryKey(),
    authorization: text("authorization").notNull(),
    verb: text("verb", { enum: ["charge", "capture", "void", "refund", "void_surplus"] }).notNull(),
    /** `settle` for capture and void, so only one of the two can ever be meant; else one of its own. */
    slot: text("slot").notNull(),
    /** The idempotency key, the same at the processor. */
    key: text("key").notNull(),
    amountMinor: integer("amount_minor"),
    currency: text("currency"),
    reason: text("reason"),
    state: text("state", { enum: ["intent", "done", "refused"] }).notNull(),
    created: integer("created").notNull(),
    updated: integer("updated").notNull(),
  },
  (table) => [
    uniqueIndex("operations_slot").on(table.authorization, table.slot),
    uniqueIndex("operations_key").on(table.key),
  ],
);

/** Webhooks by the processor's own event id: each is acted on once. What an event says is never stored or believed. */
export const webhookEvents = sqliteTable(
  "webhook_events",
  {
    /** Processor and event id. */
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    /** The payment that the event points at, and whose hand-off the processor says it is when asked. */
    reference: text("reference"),
    handoff: text("handoff"),
    state: text("state", { enum: ["received", "done"] }).notNull(),
    received: integer("received").notNull(),
  },
  (table) => [index("webhook_events_handoff").on(table.handoff), index("webhook_events_received").on(table.received)],
);
