/** Every Worker of a cell, by the process that it runs in: the platform, the CDE apart, and the parties outside. */
export type Host = "platform" | "pay" | "world";

export interface Room {
  readonly name: string;
  /** Path of its wrangler configuration from the project's root. */
  readonly config: string;
  readonly host: Host;
  /** Secrets by name, looked up in the cell's demo keys. */
  readonly secrets: readonly string[];
  /** The public origin that it answers on, if it has one. */
  readonly origin?: Origin;
}

export type Origin = "api" | "ops" | "pay" | "processor" | "pos" | "issuer";

export const ROOMS: readonly Room[] = [
  { name: "edge", config: "wrangler.toml", host: "platform", secrets: [], origin: "api" },
  { name: "sessions", config: "durable-objects/wrangler.toml", host: "platform", secrets: [] },
  {
    name: "identity",
    config: "workers/identity/wrangler.toml",
    host: "platform",
    secrets: [
      "IDENTITY_KEK",
      "IDENTITY_INDEX_KEY",
      "IDENTITY_TOMBSTONE_KEY",
      "CDE_VERIFICATION_JWK",
      "STAFF_AUTHORITY_JWK",
      "RAW_READ_KEY",
    ],
  },
  {
    name: "payments",
    config: "workers/payments/wrangler.toml",
    host: "platform",
    secrets: ["FORWARDER_SIGNING_JWK", "FORWARDER_DECRYPTION_JWK", "CDE_ENCRYPTION_JWK", "CDE_VERIFICATION_JWK"],
  },
  { name: "stores", config: "workers/stores/wrangler.toml", host: "platform", secrets: ["POS_KEY"] },
  {
    name: "fleet",
    config: "workers/fleet/wrangler.toml",
    host: "platform",
    secrets: [
      "INTERMEDIATE_KEY_PKCS8",
      "INTERMEDIATE_CERTIFICATE",
      "ROOT_CERTIFICATE",
      "STATEMENT_KEY_JWK",
      "CELL_KEY_STATEMENT",
      "FIRMWARE_SIGNER_A_POINT",
      "FIRMWARE_SIGNER_B_POINT",
    ],
  },
  { name: "telemetry", config: "workers/telemetry/wrangler.toml", host: "platform", secrets: [] },
  {
    name: "audit",
    config: "workers/audit/wrangler.toml",
    host: "platform",
    secrets: ["AUDIT_SIGNING_JWK", "AUDIT_WITNESS_KEYS"],
  },
  {
    name: "ops",
    config: "workers/ops/wrangler.toml",
    host: "platform",
    secrets: ["STAFF_VERIFICATION_JWK", "STAFF_AUTHORITY_JWK"],
    origin: "ops",
  },
  {
    name: "cde",
    config: "workers/cde/wrangler.toml",
    host: "pay",
    secrets: [
      "KEK_SHARE_A",
      "KEK_SHARE_B",
      "FINGERPRINT_KEY",
      "CDE_DECRYPTION_JWK",
      "CDE_SIGNING_JWK",
      "FORWARDER_VERIFICATION_JWK",
      "FORWARDER_ENCRYPTION_JWK",
      "READER_VENDOR_JWK",
      "CUSTODIAN_A_JWK",
      "CUSTODIAN_B_JWK",
      "ACCESS_LOG_SIGNING_JWK",
      "ACCESS_LOG_WITNESS_KEYS",
      "AUDITOR_JWK",
      "PROCESSOR_KEY",
    ],
    origin: "pay",
  },
  {
    name: "processor",
    config: "tools/simulators/processor/wrangler.toml",
    host: "world",
    secrets: ["PROCESSOR_KEY"],
    origin: "processor",
  },
  {
    name: "pos",
    config: "tools/simulators/pos/wrangler.toml",
    host: "world",
    secrets: ["POS_KEY", "POS_PRIVACY_JWK"],
    origin: "pos",
  },
  {
    name: "issuer",
    config: "tools/simulators/issuer/wrangler.toml",
    host: "world",
    secrets: ["ISSUER_JWK"],
    origin: "issuer",
  },
];

/** Local ports by cell (README: api, ops and pay; the others are the demo's own). */
export const PORTS: Readonly<Record<"us" | "eu", Readonly<Record<Origin, number>>>> = {
  us: { api: 8787, ops: 8788, pay: 8789, processor: 8790, pos: 8791, issuer: 8792 },
  eu: { api: 8797, ops: 8798, pay: 8799, processor: 8800, pos: 8801, issuer: 8802 },
};
