import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import type { PublicKey, RosterRecord, StaffRole } from "../../protocol/rooms/staff.ts";
import { rosterClaims } from "../../protocol/staff/roster.ts";
import { signStatement } from "../../protocol/staff/signed.ts";

/** Who is on a demo cell's roster: test identities, each a human with a key of their own. */
export const DEMO_STAFF: readonly Pick<RosterRecord, "account" | "human" | "roles">[] = [
  { account: "staff-1", human: "h-0001", roles: ["staff", "privacy"] },
  { account: "staff-2", human: "h-0002", roles: ["staff", "privacy_approver"] },
  { account: "staff-3", human: "h-0003", roles: ["reviewer", "auditor"] },
  { account: "staff-4", human: "h-0004", roles: ["people_admin"] },
  { account: "staff-5", human: "h-0005", roles: ["dpo", "auditor"] },
];

/** Keys that stand in for hardware: the staff authority's, and one of each demo identity, by account. */
export interface StaffKeys {
  readonly authorityJwk: JWK;
  readonly byAccount: Readonly<Record<string, JWK>>;
}

/** New demo keys. A deployment's staff make theirs in hardware, and the authority's is in nobody's Worker. */
export async function makeStaffKeys(): Promise<StaffKeys> {
  const [authorityJwk, ...others] = await Promise.all([makeKey(), ...DEMO_STAFF.map(() => makeKey())]);
  return {
    authorityJwk,
    byAccount: Object.fromEntries(DEMO_STAFF.map(({ account }, i) => [account, others[i] ?? authorityJwk])),
  };
}

export async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "ES256" };
}

/** The public half of a P-256 key and no other member. */
export function publicHalf({ x = "", y = "" }: JWK): PublicKey {
  return { kty: "EC", crv: "P-256", x, y };
}

/** Seconds that a demo record is believed; each start signs anew. */
const RECORD_LIFE = 30 * 86_400;

/** A roster record as the staff authority signs it. */
export async function signRecord(
  cell: Cell,
  keys: { readonly authorityJwk: JWK; readonly key: PublicKey },
  person: Pick<RosterRecord, "account" | "human"> & { readonly roles: readonly StaffRole[] } & Partial<RosterRecord>,
): Promise<string> {
  const issued = Math.floor(Date.now() / 1000);
  const record = {
    key: keys.key,
    label: "demo-software-key",
    version: issued,
    issued,
    expires: issued + RECORD_LIFE,
    ended: false,
    ...person,
  };
  return signStatement("record", rosterClaims(cell, record), keys.authorityJwk);
}
