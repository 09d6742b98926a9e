import { exportJWK, generateKeyPair, type JWK } from "jose";

/** The keys of the two firmware signers; A signs what was built, B what is released. */
export interface FirmwareSigners {
  readonly jwks: Readonly<Record<"A" | "B", JWK>>;
  /** Their uncompressed P-256 points, base64, as the fleet's settings have them. */
  readonly secrets: Readonly<Record<"FIRMWARE_SIGNER_A_POINT" | "FIRMWARE_SIGNER_B_POINT", string>>;
}

/** New demo keys for both. A deployment's signers make theirs in hardware, each their own. */
export async function makeFirmwareSigners(): Promise<FirmwareSigners> {
  const [a, b] = await Promise.all([makeSigner(), makeSigner()]);
  return {
    jwks: { A: a.jwk, B: b.jwk },
    secrets: { FIRMWARE_SIGNER_A_POINT: a.point, FIRMWARE_SIGNER_B_POINT: b.point },
  };
}

async function makeSigner(): Promise<{ readonly jwk: JWK; readonly point: string }> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk: { ...jwk, alg: "ES256" }, point: pointOf(jwk).toString("base64") };
}

/** The uncompressed point of a P-256 key (SEC 1, 2.3.3), 65 bytes. */
export function pointOf({ x = "", y = "" }: JWK): Buffer {
  return Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}
