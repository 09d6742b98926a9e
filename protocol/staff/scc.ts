import type { Cell } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import { RAW_FIELDS, RAW_PURPOSES, type RawPurpose, type SccRecord } from "../rooms/raw-read.ts";
import { ACCOUNT, HUMAN, type RosterRecord } from "../rooms/staff.ts";
import { hasExactly, parseList, parsePublicKey, parseTimes, readStatement } from "./signed.ts";

export const sccAudience = (cell: Cell): string => `cartwright-scc/${cell}`;
export const SCC_ID = /^scc-[a-z0-9]{4,32}$/;

const MEMBERS = ["iss", "aud", "jti", "version", "person", "purposes", "fields", "iat", "exp", "ended"];

export function sccClaims(cell: Cell, record: SccRecord): object {
  const { id, officer, version, person, purposes, fields, issued, expires, ended } = record;
  const times = { iat: issued, exp: expires };
  return { iss: officer, aud: sccAudience(cell), jti: id, version, person, purposes, fields, ...times, ended };
}

/**
 * A record (GDPR Art. 46(2)(c)) that lets one person of another cell ask here: signed by this cell's data-protection
 * officer, for named purposes and fields, until a date.
 */
export async function readScc(
  text: string,
  officer: RosterRecord,
  cell: Cell,
  now: number,
): Promise<Result<SccRecord, "untrusted_record" | "wrong_role">> {
  if (!officer.roles.includes("dpo")) return fail("wrong_role");
  const claims = await readStatement("scc", text, officer.key);
  if (claims === undefined || !hasExactly(claims, MEMBERS)) return fail("untrusted_record");
  const { iss, aud, jti, version, ended } = claims;
  const person = parsePerson(claims["person"]);
  const purposes = parseList(claims["purposes"], Object.keys(RAW_PURPOSES) as RawPurpose[]);
  const fields = parseList(claims["fields"], RAW_FIELDS);
  const times = parseTimes(claims, now);
  if (iss !== officer.account || aud !== sccAudience(cell) || typeof jti !== "string" || !SCC_ID.test(jti))
    return fail("untrusted_record");
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) return fail("untrusted_record");
  if (typeof ended !== "boolean" || times === undefined) return fail("untrusted_record");
  if (person === undefined || person.cell === cell || purposes === undefined || fields === undefined)
    return fail("untrusted_record");
  return ok({ id: jti, officer: officer.account, version, person, purposes, fields, ...times, ended });
}

function parsePerson(value: unknown): SccRecord["person"] | undefined {
  if (typeof value !== "object" || value === null || !hasExactly(value, ["cell", "account", "human", "key"]))
    return undefined;
  const { cell, account, human, key: jwk } = value as Record<string, unknown>;
  const key = parsePublicKey(jwk);
  if ((cell !== "us" && cell !== "eu") || key === undefined) return undefined;
  if (typeof account !== "string" || !ACCOUNT.test(account)) return undefined;
  return typeof human === "string" && HUMAN.test(human) ? { cell, account, human, key } : undefined;
}
