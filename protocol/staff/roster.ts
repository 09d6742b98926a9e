import type { CryptoKey } from "jose";
import type { Cell } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import { ACCOUNT, HUMAN, type RosterRecord, STAFF_ROLES } from "../rooms/staff.ts";
import { hasExactly, parseList, parsePublicKey, parseTimes, readStatement } from "./signed.ts";

export const authorityIssuer = (cell: Cell): string => `cartwright-staff-authority/${cell}`;

const MEMBERS = ["iss", "sub", "human", "key", "label", "roles", "version", "iat", "exp", "ended"];

/** A record's claims as they are signed. */
export function rosterClaims(cell: Cell, record: RosterRecord): object {
  const { account, human, key, label, roles, version, issued, expires, ended } = record;
  return {
    iss: authorityIssuer(cell),
    sub: account,
    human,
    key,
    label,
    roles,
    version,
    iat: issued,
    exp: expires,
    ended,
  };
}

/**
 * A roster record that the staff authority of this cell signed, whoever stored it. An ended one is read, too: it is the
 * caller who asks `standing`.
 * @param authority the public key of the cell's staff authority
 */
export async function readRecord(
  text: string,
  authority: CryptoKey,
  cell: Cell,
  now: number,
): Promise<Result<RosterRecord, "untrusted_record">> {
  const claims = await readStatement("record", text, authority);
  if (claims === undefined || !hasExactly(claims, MEMBERS)) return fail("untrusted_record");
  const { iss, sub, human, label, version, ended } = claims;
  const key = parsePublicKey(claims["key"]);
  const roles = parseList(claims["roles"], STAFF_ROLES);
  const times = parseTimes(claims, now);
  if (iss !== authorityIssuer(cell) || typeof sub !== "string" || !ACCOUNT.test(sub)) return fail("untrusted_record");
  if (typeof human !== "string" || !HUMAN.test(human)) return fail("untrusted_record");
  if (typeof label !== "string" || !/^[\w.-]{1,64}$/.test(label)) return fail("untrusted_record");
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) return fail("untrusted_record");
  if (typeof ended !== "boolean" || key === undefined || roles === undefined || times === undefined)
    return fail("untrusted_record");
  return ok({ account: sub, human, key, label, roles, version, ...times, ended });
}

/** Whether somebody may still act by this record. */
export function standing(record: Pick<RosterRecord, "ended" | "expires">, now: number): Result<undefined, "ended"> {
  return record.ended || record.expires <= now / 1000 ? fail("ended") : ok();
}
