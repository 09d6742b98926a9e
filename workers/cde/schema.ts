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
});

export const cards = sqliteTable("cards", {
  /** HMAC of the whole PAN: a card is stored once. */
  fingerprint: text("fingerprint").primaryKey(),
  /** HMAC of the payment account reference, or the fingerprint where the processor gave none; never changes. */
  account: text("account").notNull(),
  /** Sealed; null once no token needs it any more. */
  pan: text("pan"),
  keyVersion: integer("key_version"),
  scheme: text("scheme").notNull(),
  created: integer("created").notNull(),
});

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
  (table) => [index("idempotency_expires").on(table.expires)],
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
    /** What the processor said; null while it has not. */
    state: text("state").notNull(),
    reference: text("reference"),
    amountMinor: integer("amount_minor"),
    currency: text("currency"),
    terminal: text("terminal"),
    store: text("store"),
    emv: text("emv"),
    capturedMinor: integer("captured_minor").notNull().default(0),
    created: integer("created").notNull(),
    updated: integer("updated").notNull(),
  },
  (table) => [uniqueIndex("authorizations_handoff").on(table.handoff)],
);

/** One row an outside effect, written before the call: what was meant, and whether the processor confirmed it. */
export const operations = sqliteTable(
  "operations",
  {
    id: text("id").primaryKey(),
    authorization: text("authorization").notNull(),
    verb: text("verb", { enum: ["capture", "void", "refund", "void_surplus"] }).notNull(),
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
