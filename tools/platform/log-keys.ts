import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { COSIGNATURE, ED25519, formatVerifierKey, signerOf, type Algorithm } from "../../protocol/tlog/note.ts";

/** A cell's two logs: the platform's in the audit room, and the environment's own access log. */
export type LogName = "platform" | "cde";

/** A log's name is the scheme-less prefix that it is read under (C2SP tlog-tiles, Parameters); set in its configuration. */
export const LOG_ORIGINS: Readonly<Record<LogName, (cell: Cell) => string>> = {
  platform: (cell) => `ops.${cell}.cartwright.example/admin/v1/audit`,
  cde: (cell) => `pay.${cell}.cartwright.example/v1/audit`,
};

export interface LogKeys {
  /** The demo witness's key, which a retailer holds elsewhere. */
  readonly witnessJwk: JWK;
  readonly witnessName: string;
  /** Signs the auditor's tokens at the environment's door. */
  readonly auditorJwk: JWK;
  /** What the logs' checkpoints are checked with; public. */
  readonly logs: Readonly<Record<LogName, string>>;
  /** What the demo witness's cosignatures are checked with; public. */
  readonly witness: string;
}

/** The signing keys of a cell's logs, and those of who reads and witnesses them. */
export async function makeLogKeys(
  cell: Cell,
): Promise<{ readonly secrets: Readonly<Record<string, string>>; readonly logKeys: LogKeys }> {
  const [platform, cde, witness, auditor] = [await ed25519(), await ed25519(), await ed25519(), await es256()];
  const witnessName = `witness.${cell}.cartwright.example`;
  const witnessKey = await publicKeyOf(witnessName, COSIGNATURE, witness);
  return {
    secrets: {
      AUDIT_SIGNING_JWK: JSON.stringify(platform),
      AUDIT_WITNESS_KEYS: witnessKey,
      ACCESS_LOG_SIGNING_JWK: JSON.stringify(cde),
      ACCESS_LOG_WITNESS_KEYS: witnessKey,
      AUDITOR_JWK: JSON.stringify(auditor.public),
    },
    logKeys: {
      witnessJwk: witness,
      witnessName,
      auditorJwk: auditor.private,
      logs: {
        platform: await publicKeyOf(LOG_ORIGINS.platform(cell), ED25519, platform),
        cde: await publicKeyOf(LOG_ORIGINS.cde(cell), ED25519, cde),
      },
      witness: witnessKey,
    },
  };
}

async function publicKeyOf(name: string, algorithm: Algorithm, jwk: JWK): Promise<string> {
  return formatVerifierKey((await signerOf(name, algorithm, JSON.stringify(jwk))).key);
}

async function ed25519(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  return exportJWK(privateKey);
}

async function es256(): Promise<{ private: JWK; public: JWK }> {
  const keys = await generateKeyPair("ES256", { extractable: true });
  return { private: await exportJWK(keys.privateKey), public: await exportJWK(keys.publicKey) };
}
