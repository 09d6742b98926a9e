import { envelopeKey, type OpeningKeys, type SealingKeys } from "../../protocol/pay/envelope.ts";
import type { Custodian } from "../../protocol/pay/key-shares.ts";
import { NotConfigured } from "./not-configured.ts";
import { chooseProcessor, type ProcessorSettings } from "./processor/choose.ts";
import type { Processor, WebhookReader } from "./processor/processor.ts";
import { digests, type Digest } from "./vault/digests.ts";
import { keyEncryptionKeys, type KeyEncryptionKeys } from "./vault/key-encryption-key.ts";

export { NotConfigured } from "./not-configured.ts";

/** With the secrets that only one of the processors needs. */
export type Env = CdeBindings & Pick<ProcessorSettings, `STRIPE_${string}` & keyof ProcessorSettings>;

/** All that the Worker holds in memory beside its bindings; no part of it is ever written. */
export interface Machine {
  readonly keks: KeyEncryptionKeys;
  /** The two custodians' role keys, for their orders. */
  readonly custodians: Readonly<Record<Custodian, CryptoKey>>;
  readonly digest: Digest;
  /** Opens what the forwarder sends, seals what it is answered. */
  readonly forwarder: OpeningKeys & SealingKeys;
  readonly readerVendor: CryptoKey;
  /** Checks the tokens of who reads the access log. */
  readonly auditor: CryptoKey;
  /** The public encryption key as published (RFC 7517). */
  readonly publicKey: Readonly<Record<string, string>>;
  readonly processor: Processor;
  readonly webhooks: { readonly of: string; readonly read: WebhookReader };
}

const NEEDED = [
  "VAULT",
  "HOUSEKEEPING",
  "ACCESS_LOG",
  "ACCESS_TILES",
  "LOG_ORIGIN",
  "ACCESS_LOG_SIGNING_JWK",
  "ACCESS_LOG_WITNESS_KEYS",
  "TOKENIZE_LIMIT",
  "CELL",
  "JURISDICTION",
  "PAY_ORIGIN",
  "PROCESSOR",
  "FINGERPRINT_KEY",
  "CDE_DECRYPTION_JWK",
  "CDE_SIGNING_JWK",
  "FORWARDER_VERIFICATION_JWK",
  "FORWARDER_ENCRYPTION_JWK",
  "READER_VENDOR_JWK",
  "CUSTODIAN_A_JWK",
  "CUSTODIAN_B_JWK",
  "AUDITOR_JWK",
] as const satisfies readonly (keyof Env)[];

// Values, not promises: a promise of one request must not be awaited by another in workerd.
let machine: Machine | undefined;

/** @throws NotConfigured, KeyShareError */
export async function boot(env: Env): Promise<Machine> {
  if (machine !== undefined) return machine;
  const keks = await keyEncryptionKeys(env.KEK_SHARE_A, env.KEK_SHARE_B, env.CELL, env.JURISDICTION !== "local");
  for (const name of NEEDED) {
    const value: unknown = env[name];
    if (value === undefined || value === null || value === "") throw new NotConfigured(`${name} is missing`);
  }
  if (env.JURISDICTION !== "local" && env.JURISDICTION !== env.CELL)
    throw new NotConfigured("JURISDICTION is not the cell's");
  const chosen = chooseProcessor(env);
  if (samePoint(env.CUSTODIAN_A_JWK, env.CUSTODIAN_B_JWK))
    throw new NotConfigured("CUSTODIAN_A_JWK and CUSTODIAN_B_JWK are one key");
  const [verify, decrypt, sign, encrypt, readerVendor, custodianA, custodianB, auditor] = await Promise.all([
    key(env, "FORWARDER_VERIFICATION_JWK", "ES256"),
    key(env, "CDE_DECRYPTION_JWK", "ECDH-ES"),
    key(env, "CDE_SIGNING_JWK", "ES256"),
    key(env, "FORWARDER_ENCRYPTION_JWK", "ECDH-ES"),
    key(env, "READER_VENDOR_JWK", "ES256"),
    key(env, "CUSTODIAN_A_JWK", "ES256"),
    key(env, "CUSTODIAN_B_JWK", "ES256"),
    key(env, "AUDITOR_JWK", "ES256"),
  ]);
  machine = {
    keks,
    custodians: { A: custodianA, B: custodianB },
    digest: await named("FINGERPRINT_KEY", digests(env.FINGERPRINT_KEY, env.CELL)),
    forwarder: { verify, decrypt, sign, encrypt },
    readerVendor,
    auditor,
    publicKey: published(env.CDE_DECRYPTION_JWK),
    processor: chosen.processor,
    webhooks: { of: chosen.name, read: chosen.readWebhook },
  };
  return machine;
}

type JwkName = { [K in keyof Env]-?: K extends `${string}_JWK` ? K : never }[keyof Env];

function key(env: Env, name: JwkName, algorithm: "ES256" | "ECDH-ES"): Promise<CryptoKey> {
  return named(name, envelopeKey(env[name], algorithm));
}

/** An import error may quote its input: only the name goes on. */
async function named<T>(name: string, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch {
    throw new NotConfigured(`${name} is unusable`);
  }
}

/** Dual control needs two keys (PCI DSS 3.7.6): the same point twice is one person. */
function samePoint(a: string, b: string): boolean {
  try {
    const [mine, other] = [JSON.parse(a), JSON.parse(b)] as { x?: string; y?: string }[];
    return mine?.x === other?.x && mine?.y === other?.y;
  } catch {
    return false;
  }
}

function published(privateJwk: string): Record<string, string> {
  const { kty = "", crv = "", x = "", y = "", kid = "" } = JSON.parse(privateJwk) as Record<string, string>;
  return { kty, crv, x, y, kid, use: "enc", alg: "ECDH-ES" };
}
