import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { makeAuthority } from "./authority.ts";
import { makeStaffKeys, publicHalf, type StaffKeys } from "../staff/demo-staff.ts";
import { makeFirmwareSigners } from "./firmware-signers.ts";
import { makeLogKeys, type LogKeys } from "./log-keys.ts";
import { ROOMS } from "./rooms.ts";

/**
 * A cell's demo keys: made at the first start, kept in the cell's state directory (mode 600), never committed.
 * `secrets` go to the Workers by name; `outside` are the private halves that other parties hold.
 */
export interface CellKeys {
  readonly cell: Cell;
  readonly secrets: Readonly<Record<string, string>>;
  readonly outside: {
    /** Signs staff tokens in place of the hardware-key sign-in. */
    readonly staffSigningJwk: JWK;
    /** The staff authority's key and the demo staff's own, which stand in for hardware keys. */
    readonly staffKeys: StaffKeys;
    /** The card-reader vendor's client key (`private_key_jwt`). */
    readonly readerVendorJwk: JWK;
    /** The two custodians' role keys, which on one machine are one person's for a demo; the CDE has the public halves. */
    readonly custodianJwks: Readonly<Record<"A" | "B", JWK>>;
    /** The two firmware signers' keys, two persons' where it is no demo; the fleet and every cart have the public points. */
    readonly firmwareSignerJwks: Readonly<Record<"A" | "B", JWK>>;
    /** The keys around the cell's two transparency logs that no Worker has. */
    readonly logKeys: LogKeys;
    /** The development root's private key, PKCS #8, base64. */
    readonly rootKeyPkcs8: string;
    /** The root's public point, base64: what a cart's firmware pins. */
    readonly rootPublicKey: string;
  };
}

/** Reads a cell's keys, or makes them. What a newer version needs besides is added to what an older one made. */
export async function cellKeys(cell: Cell, file: string): Promise<CellKeys> {
  const stored = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CellKeys) : undefined;
  if (stored !== undefined && isWhole(stored)) return stored;
  const made = await makeKeys(cell);
  const keys: CellKeys = {
    cell,
    secrets: { ...made.secrets, ...stored?.secrets },
    outside: { ...made.outside, ...stored?.outside },
  };
  keepKeys(file, keys);
  return keys;
}

/** Whole or not at all: a cell that reads it at the same moment sees the keys of before. */
export function keepKeys(file: string, keys: CellKeys): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(keys, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function isWhole({ secrets, outside }: CellKeys): boolean {
  const needed = ROOMS.flatMap((room) => room.secrets);
  const others = [outside.custodianJwks, outside.firmwareSignerJwks, outside.staffKeys, outside.logKeys];
  return others.every((each) => each !== undefined) && needed.every((name) => Object.hasOwn(secrets, name));
}

async function makeKeys(cell: Cell): Promise<CellKeys> {
  const [forwarderSigns, forwarderReads, cdeSigns, cdeReads, staff, reader, issuer, custodianA, custodianB] =
    await Promise.all([
      pair("ES256"),
      pair("ECDH-ES"),
      pair("ES256"),
      pair("ECDH-ES"),
      pair("ES256"),
      pair("ES256"),
      pair("ES256"),
      pair("ES256"),
      pair("ES256"),
    ]);
  const authority = await makeAuthority(cell);
  const logs = await makeLogKeys(cell);
  const signers = await makeFirmwareSigners();
  const staffKeys = await makeStaffKeys();
  return {
    cell,
    secrets: {
      IDENTITY_KEK: random(32),
      IDENTITY_INDEX_KEY: random(32),
      IDENTITY_TOMBSTONE_KEY: random(32),
      FORWARDER_SIGNING_JWK: JSON.stringify(forwarderSigns.private),
      FORWARDER_VERIFICATION_JWK: JSON.stringify(forwarderSigns.public),
      FORWARDER_DECRYPTION_JWK: JSON.stringify(forwarderReads.private),
      FORWARDER_ENCRYPTION_JWK: JSON.stringify(forwarderReads.public),
      CDE_SIGNING_JWK: JSON.stringify(cdeSigns.private),
      CDE_VERIFICATION_JWK: JSON.stringify(cdeSigns.public),
      CDE_DECRYPTION_JWK: JSON.stringify(cdeReads.private),
      CDE_ENCRYPTION_JWK: JSON.stringify(cdeReads.public),
      KEK_SHARE_A: random(32),
      KEK_SHARE_B: random(32),
      FINGERPRINT_KEY: random(32),
      READER_VENDOR_JWK: JSON.stringify(reader.public),
      CUSTODIAN_A_JWK: JSON.stringify(custodianA.public),
      CUSTODIAN_B_JWK: JSON.stringify(custodianB.public),
      STAFF_AUTHORITY_JWK: JSON.stringify(publicHalf(staffKeys.authorityJwk)),
      RAW_READ_KEY: random(32),
      STAFF_VERIFICATION_JWK: JSON.stringify(staff.public),
      ISSUER_JWK: JSON.stringify(issuer.private),
      PROCESSOR_KEY: random(24),
      POS_KEY: random(24),
      // The retailer's own: the platform is told its public half when the retailer is registered as a recipient.
      POS_PRIVACY_JWK: JSON.stringify((await pair("ECDH-ES")).private),
      ...authority.secrets,
      ...logs.secrets,
      ...signers.secrets,
    },
    outside: {
      staffSigningJwk: staff.private,
      staffKeys,
      readerVendorJwk: reader.private,
      logKeys: logs.logKeys,
      custodianJwks: { A: custodianA.private, B: custodianB.private },
      firmwareSignerJwks: signers.jwks,
      rootKeyPkcs8: authority.rootKeyPkcs8,
      rootPublicKey: authority.rootPublicKey,
    },
  };
}

async function pair(alg: "ES256" | "ECDH-ES"): Promise<{ private: JWK; public: JWK }> {
  const keys = await generateKeyPair(alg, { extractable: true, crv: "P-256" });
  const kid = crypto.randomUUID();
  return {
    private: { ...(await exportJWK(keys.privateKey)), alg, kid },
    public: { ...(await exportJWK(keys.publicKey)), alg, kid },
  };
}

/** Base64 of `length` random bytes. */
function random(length: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("base64");
}
