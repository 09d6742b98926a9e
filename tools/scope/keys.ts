/** A key or secret of a component in scope. The generator asks for each secret that a configuration names. */
export interface KeyRecord {
  readonly purpose: string;
  readonly custodian: string;
  readonly cryptoperiod: string;
  readonly rotation: string;
}

const ANNUAL = "one year";
const PAIR =
  "a new pair, its halves set at both ends one after the other; calls in between are refused and tried again";

export const KEYS: Readonly<Record<string, KeyRecord>> = {
  KEK_SHARE_A: {
    purpose: "custodian A's ring of shares of the key-encryption key",
    custodian: "key custodian A",
    cryptoperiod: ANNUAL,
    rotation: "`npm run ceremony -- share --as A`, then `npm run rotate`",
  },
  KEK_SHARE_B: {
    purpose: "custodian B's ring of shares of the key-encryption key",
    custodian: "key custodian B",
    cryptoperiod: ANNUAL,
    rotation: "`npm run ceremony -- share --as B`, then `npm run rotate`",
  },
  CUSTODIAN_A_JWK: {
    purpose: "checks custodian A's signature on key orders (public)",
    custodian: "key custodian A",
    cryptoperiod: "the custodian's term",
    rotation: "`npm run ceremony -- key`, `-- public`",
  },
  CUSTODIAN_B_JWK: {
    purpose: "checks custodian B's signature on key orders (public)",
    custodian: "key custodian B",
    cryptoperiod: "the custodian's term",
    rotation: "`npm run ceremony -- key`, `-- public`",
  },
  FINGERPRINT_KEY: {
    purpose: "HMAC-SHA-256 of card numbers, tokens and single-use ids (3.5.1.1)",
    custodian: "the CDE's key officer",
    cryptoperiod: "the vault's life: digests can't be made again without the numbers",
    rotation: "with a new vault",
  },
  CDE_DECRYPTION_JWK: {
    purpose: "opens what the forwarder and the card form encrypt",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  CDE_SIGNING_JWK: {
    purpose: "signs answers to the forwarder and card statements",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  FORWARDER_VERIFICATION_JWK: {
    purpose: "checks the forwarder's signature (public)",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  FORWARDER_ENCRYPTION_JWK: {
    purpose: "seals answers to the forwarder (public)",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  READER_VENDOR_JWK: {
    purpose: "checks the reader vendor's client assertions (public)",
    custodian: "the reader's vendor",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  ACCESS_LOG_SIGNING_JWK: {
    purpose: "signs the access log's checkpoints (Ed25519)",
    custodian: "the CDE's key officer",
    cryptoperiod: "the log's life: its readers and witnesses know it by this key",
    rotation: "with a new log, named in the old one's last entry",
  },
  ACCESS_LOG_WITNESS_KEYS: {
    purpose: "checks witnesses' cosignatures of the access log (public)",
    custodian: "the CDE's key officer",
    cryptoperiod: "the witness's term",
    rotation: "the witness's new verifier key beside its old one",
  },
  AUDITOR_JWK: {
    purpose: "checks the tokens of who reads the access log (public)",
    custodian: "the CDE's auditor",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  PROCESSOR_KEY: {
    purpose: "authenticates the CDE to the processor, checks its webhooks",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: "at the processor, then `wrangler secret put`",
  },
  STRIPE_SECRET_KEY: {
    purpose: "authenticates the CDE to Stripe; in place of PROCESSOR_KEY where Stripe is in use",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: "at Stripe, then `wrangler secret put`",
  },
  STRIPE_WEBHOOK_SECRET: {
    purpose: "checks Stripe's webhooks",
    custodian: "the CDE's key officer",
    cryptoperiod: ANNUAL,
    rotation: "at Stripe, then `wrangler secret put`",
  },
  FORWARDER_SIGNING_JWK: {
    purpose: "signs the forwarder's requests",
    custodian: "the platform's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  FORWARDER_DECRYPTION_JWK: {
    purpose: "opens the CDE's answers",
    custodian: "the platform's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  CDE_ENCRYPTION_JWK: {
    purpose: "encrypts to the CDE (public)",
    custodian: "the platform's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
  CDE_VERIFICATION_JWK: {
    purpose: "checks the CDE's signature (public)",
    custodian: "the platform's key officer",
    cryptoperiod: ANNUAL,
    rotation: PAIR,
  },
};

/** Keys that are no secret of a Worker. */
export const OTHER_KEYS: readonly (readonly [
  name: string,
  purpose: string,
  custodian: string,
  cryptoperiod: string,
  rotation: string,
])[] = [
  [
    "key-encryption key",
    "AES-256; wraps data keys. The XOR of both shares, in the CDE's memory only",
    "A and B together; neither alone",
    ANNUAL,
    "a new version in both rings, then `npm run rotate`",
  ],
  [
    "data key, by version",
    "AES-256-GCM over card numbers and stored answers; associated data: cell, record, field, key version",
    "in `data_keys`, wrapped",
    ANNUAL,
    "`npm run rotate`; `npm run rotate -- --destroy VERSION` once nothing needs it",
  ],
  [
    "`CDE_CLIENT`",
    "the forwarder's client certificate",
    "the platform's key officer",
    ANNUAL,
    "a new certificate, then the binding's `certificate_id`",
  ],
];
