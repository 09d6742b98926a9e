import { sql } from "drizzle-orm";
import { customType, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** A BLOB as plain bytes: drizzle's own type needs Node's Buffer, and D1 answers arrays of numbers. */
const bytes = customType<{ data: Uint8Array; driverData: ArrayLike<number> | ArrayBuffer }>({
  dataType: () => "blob",
  fromDriver: (value) => new Uint8Array(value),
  toDriver: (value) => value,
});

/** What the factory made and may enrol: a serial and the hash of its one public key. */
export const manifest = sqliteTable("manifest", {
  serial: text("serial").primaryKey(),
  /** SHA-256 of the SubjectPublicKeyInfo (DER), hex. */
  publicKeyHash: text("public_key_hash").notNull().unique(),
  addedAt: integer("added_at").notNull(),
  /** Set when the serial was revoked, enrolled or not: the one place that says so. Never enrolled again. */
  revokedAt: integer("revoked_at"),
});

/** Carts with a certificate. */
export const carts = sqliteTable("carts", {
  serial: text("serial").primaryKey(),
  /** First 8 bytes of SHA-256 over the certificate, hex: what a frame names its signer by. */
  kid: text("kid").notNull().unique(),
  /** DER. */
  certificate: bytes("certificate").notNull(),
  /** Uncompressed P-256 point, 65 bytes. */
  publicKey: bytes("public_key").notNull(),
  enrolledAt: integer("enrolled_at").notNull(),
});

/** Which store a cart belongs to, from when until when; history is kept. */
export const assignments = sqliteTable(
  "assignments",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    serial: text("serial").notNull(),
    store: text("store").notNull(),
    /** JWS by the cell's statement key over serial, store and start. */
    statement: text("statement").notNull(),
    from: integer("from_at").notNull(),
    /** Null while it is in force. */
    until: integer("until_at"),
  },
  (table) => [
    uniqueIndex("assignments_in_force")
      .on(table.serial)
      .where(sql`until_at IS NULL`),
    index("assignments_by_store").on(table.store),
  ],
);

/** Appraisal policies (RFC 9334): rows are only added, the highest version is in force. */
export const policies = sqliteTable("policies", {
  version: integer("version").primaryKey({ autoIncrement: true }),
  /** JSON array of SHA-256 image digests, hex. */
  digests: text("digests", { mode: "json" }).$type<readonly string[]>().notNull(),
  minimumSecurityCounter: integer("minimum_security_counter").notNull(),
  setAt: integer("set_at").notNull(),
  setBy: text("set_by").notNull(),
});

export const beacons = sqliteTable(
  "beacons",
  {
    /** First 8 bytes of SHA-256 over the public point, hex. */
    kid: text("kid").primaryKey(),
    store: text("store").notNull(),
    beacon: text("beacon").notNull(),
    publicKey: bytes("public_key").notNull(),
    registeredAt: integer("registered_at").notNull(),
  },
  (table) => [uniqueIndex("beacons_of_store").on(table.store, table.beacon)],
);

/** Firmware images that two signers released. Rows are only added. */
export const releases = sqliteTable(
  "releases",
  {
    /** SHA-256 of the image, hex: what a cart that runs it attests, and the image's key in the bucket. */
    digest: text("digest").primaryKey(),
    version: text("version").notNull(),
    securityCounter: integer("security_counter").notNull(),
    /** Bytes. */
    size: integer("size").notNull(),
    hardwareRevision: integer("hardware_revision").notNull(),
    /** The signed manifest as the cart gets it. */
    manifest: bytes("manifest").notNull(),
    publishedAt: integer("published_at").notNull(),
    publishedBy: text("published_by").notNull(),
    /** Index of the release's entry in the audit log. */
    auditIndex: integer("audit_index").notNull(),
  },
  (table) => [uniqueIndex("releases_by_version").on(table.hardwareRevision, table.version)],
);

/** Which carts are offered a release. One rollout at most is open for a hardware revision. */
export const rollouts = sqliteTable(
  "rollouts",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    digest: text("digest").notNull(),
    hardwareRevision: integer("hardware_revision").notNull(),
    /** JSON array of stores; null: every store of the cell. */
    stores: text("stores", { mode: "json" }).$type<readonly string[]>(),
    /** Of those stores' carts, in whole percent. */
    percentage: integer("percentage").notNull(),
    state: text("state", { enum: ["running", "paused", "ended"] }).notNull(),
    startedAt: integer("started_at").notNull(),
    startedBy: text("started_by").notNull(),
    changedAt: integer("changed_at").notNull(),
  },
  (table) => [
    uniqueIndex("rollouts_open")
      .on(table.hardwareRevision)
      .where(sql`state <> 'ended'`),
  ],
);
