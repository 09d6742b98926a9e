import { envelopeKey, type OpeningKeys, type SealingKeys } from "../../protocol/pay/envelope.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";
import type { IdentityForPayments } from "../../protocol/rooms/identity.ts";

export type Env = Omit<PaymentsBindings, "IDENTITY" | "CDE_CLIENT"> & {
  readonly IDENTITY: IdentityForPayments;
  /** The client certificate; there is none on one machine. */
  readonly CDE_CLIENT?: Fetcher;
};

/** Signs and encrypts to the CDE, decrypts and verifies what comes back. */
export type ForwarderKeys = SealingKeys & OpeningKeys;

let keys: ForwarderKeys | undefined;

/** @throws Error naming the first binding that is missing or unusable */
export async function boot(env: Env): Promise<ForwarderKeys> {
  if (keys !== undefined) return keys;
  requireBindings(env, [
    "IDENTITY",
    "CELL",
    "JURISDICTION",
    "PAY_ORIGIN",
    "FORWARDER_SIGNING_JWK",
    "FORWARDER_DECRYPTION_JWK",
    "CDE_ENCRYPTION_JWK",
    "CDE_VERIFICATION_JWK",
  ]);
  // Without its certificate the deployed forwarder would be refused by the CDE at every call: better to say why.
  if (env.JURISDICTION !== "local") requireBindings(env, ["CDE_CLIENT"]);
  const [sign, decrypt, encrypt, verify] = await Promise.all([
    envelopeKey(env.FORWARDER_SIGNING_JWK, "ES256"),
    envelopeKey(env.FORWARDER_DECRYPTION_JWK, "ECDH-ES"),
    envelopeKey(env.CDE_ENCRYPTION_JWK, "ECDH-ES"),
    envelopeKey(env.CDE_VERIFICATION_JWK, "ES256"),
  ]);
  keys = { sign, decrypt, encrypt, verify };
  return keys;
}
