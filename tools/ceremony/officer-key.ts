import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair, type JWK } from "jose";

/** An officer's role key (P-256), made by that officer on that officer's machine. */
export interface OfficerKey {
  /** The officer's name. */
  readonly officer: string;
  readonly rehearsal: boolean;
  /** Private. */
  readonly jwk: JWK;
}

/** Makes a role key in a new file (mode 600). @throws Error when the file is there, or the name is none */
export async function makeOfficerKey(path: string, officer: string, rehearsal: boolean): Promise<OfficerKey> {
  if (existsSync(path)) throw new Error(`${path} is there already: a role key is never replaced silently`);
  if (sameNameForm(officer).length < 3) throw new Error("--name must be the officer's full name");
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { officer, rehearsal, jwk: await exportJWK(privateKey) };
  writeFileSync(path, `${JSON.stringify(key, null, 1)}\n`, { mode: 0o600, flag: "wx" });
  return key;
}

/** @throws Error when the file is no officer's key */
export function readOfficerKey(path: string): OfficerKey {
  const { officer, rehearsal, jwk } = JSON.parse(readFileSync(path, "utf8")) as Partial<OfficerKey>;
  if (typeof officer !== "string" || typeof rehearsal !== "boolean" || jwk?.crv !== "P-256" || jwk.d === undefined)
    throw new Error(`${path} is no officer's key file`);
  return { officer, rehearsal, jwk };
}

/** A name as it is compared: case, spaces, dots and letters' presentation forms make no other person. */
export function sameNameForm(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .toLowerCase();
}
