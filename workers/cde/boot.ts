import { envelopeKey, type OpeningKeys, type SealingKeys } from "../../protocol/pay/envelope.ts";
import { egressTo, network } from "./egress.ts";
import type { Processor } from "./processor/processor.ts";
import { simulatorProcessor } from "./processor/simulator.ts";
import { openDataKeys, type DataKeys } from "./vault/data-key.ts";
import { digests, type Digest } from "./vault/digests.ts";
import { joinShares, type KeyEncryptionKey } from "./vault/key-encryption-key.ts";

export type Env = CdeBindings;

/** A secret or setting is missing or unusable; the message names it and says nothing of its value. */
export class NotConfigured extends Error {
  override readonly name = "NotConfigured";
}

/** All that the Worker holds in memory beside its bindings; no part of it is ever written. */
export interface Machine {
  readonly kek: KeyEncryptionKey;
  readonly digest: Digest;
  /** Opens what the forwarder sends, seals what it is answered. */
  readonly forwarder: OpeningKeys & SealingKeys;
  readonly readerVendor: CryptoKey;
  /** The public encryption key as published (RFC 7517). */
  readonly publicKey: Readonly<Record<string, string>>;
  readonly processor: Processor;
}

const NEEDED = [
  "VAULT",
  "TOKENIZE_LIMIT",
  "CELL",
  "JURISDICTION",
  "PAY_ORIGIN",
  "PROCESSOR",
  "PROCESSOR_ORIGIN",
  "PROCESSOR_KEY",
  "FINGERPRINT_KEY",
  "CDE_DECRYPTION_JWK",
  "CDE_SIGNING_JWK",
  "FORWARDER_VERIFICATION_JWK",
  "FORWARDER_ENCRYPTION_JWK",
  "READER_VENDOR_JWK",
] as const satisfies readonly (keyof Env)[];

// Values, not promises: a promise of one request must not be awaited by another in workerd.
let machine: Machine | undefined;
let dataKeys: DataKeys | undefined;

/** @throws NotConfigured, KeyShareError */
export async function boot(env: Env): Promise<Machine> {
  if (machine !== undefined) return machine;
  const kek = await joinShares(env.KEK_SHARE_A, env.KEK_SHARE_B);
  for (const name of NEEDED) {
    const value: unknown = env[name];
    if (value === undefined || value === null || value === "") throw new NotConfigured(`${name} is missing`);
  }
  if (env.JURISDICTION !== "local" && env.JURISDICTION !== env.CELL)
    throw new NotConfigured("JURISDICTION is not the cell's");
  const [verify, decrypt, sign, encrypt, readerVendor] = await Promise.all([
    key(env, "FORWARDER_VERIFICATION_JWK", "ES256"),
    key(env, "CDE_DECRYPTION_JWK", "ECDH-ES"),
    key(env, "CDE_SIGNING_JWK", "ES256"),
    key(env, "FORWARDER_ENCRYPTION_JWK", "ECDH-ES"),
    key(env, "READER_VENDOR_JWK", "ES256"),
  ]);
  machine = {
    kek,
    digest: await named("FINGERPRINT_KEY", digests(env.FINGERPRINT_KEY, env.CELL)),
    forwarder: { verify, decrypt, sign, encrypt },
    readerVendor,
    publicKey: published(env.CDE_DECRYPTION_JWK),
    processor: await named("PROCESSOR_ORIGIN", makeProcessor(env)),
  };
  return machine;
}

/** @throws SealBroken when the shares are not the ones that the stored data key was wrapped with */
export async function bootDataKeys(env: Env, kek: KeyEncryptionKey, now: number): Promise<DataKeys> {
  dataKeys ??= await openDataKeys(env.VAULT, env.CELL, kek, now);
  return dataKeys;
}

type JwkName = { [K in keyof Env]: K extends `${string}_JWK` ? K : never }[keyof Env];

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

async function makeProcessor(env: Env): Promise<Processor> {
  switch (env.PROCESSOR) {
    case "simulator":
      return simulatorProcessor(egressTo(env.PROCESSOR_ORIGIN, network), env.PROCESSOR_KEY);
    default:
      throw new NotConfigured("PROCESSOR is not one of: simulator");
  }
}

function published(privateJwk: string): Record<string, string> {
  const { kty = "", crv = "", x = "", y = "", kid = "" } = JSON.parse(privateJwk) as Record<string, string>;
  return { kty, crv, x, y, kid, use: "enc", alg: "ECDH-ES" };
}
