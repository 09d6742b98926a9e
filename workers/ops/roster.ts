import { asc, eq, lt, ne } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { RosterRecord } from "../../protocol/rooms/staff.ts";
import { believed } from "../../protocol/staff/grant.ts";
import { readRecord } from "../../protocol/staff/roster.ts";
import { thumbprintOf } from "../../protocol/staff/signed.ts";
import { staffAccounts } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";
import { whoOf } from "./staff-sign-in.ts";
import type { Staff } from "./staff-token.ts";

type PutRefusal = "untrusted_record" | "older_version" | "key_of_another" | "roles_conflict" | "ended" | "unavailable";

/**
 * Keeps a record that the staff authority signed. Whoever edits the roster only carries it: they can't make one. The
 * identity room hears of it first, so that an account which ends is out there before this room says so.
 */
export async function putStaff(
  desk: StaffDesk,
  by: Staff,
  account: string,
  statement: string,
): Promise<Result<undefined, PutRefusal>> {
  const read = await readRecord(statement, desk.authority, desk.cell, desk.now);
  if (!read.ok || read.value.account !== account) return fail("untrusted_record");
  const record = read.value;
  const thumbprint = await thumbprintOf(record.key);
  const kept = await desk.db.select().from(staffAccounts).where(eq(staffAccounts.account, account)).get();
  if (kept?.statement === statement) return ok();
  if (kept !== undefined && kept.version >= record.version) return fail("older_version");
  const conflict = await conflictOf(desk, record, thumbprint);
  if (conflict !== undefined) return fail(conflict);
  const told = await desk.env.IDENTITY.rosterChanged(statement);
  if (!told.ok) return told;
  const { human, version, ended, roles } = record;
  const detail = { human, version, ended, roles: roles.join(" ") };
  if (!(await desk.append({ who: whoOf(by), kind: "roster_changed", success: true, on: `staff:${account}`, detail })))
    return fail("unavailable");
  const row = {
    human,
    keyThumbprint: thumbprint,
    version,
    statement,
    changed: desk.now,
    ended: ended ? desk.now : null,
  };
  const written = await desk.db
    .insert(staffAccounts)
    .values({ account, added: desk.now, ...row })
    .onConflictDoUpdate({ target: staffAccounts.account, set: row, setWhere: lt(staffAccounts.version, version) });
  return written.meta.changes === 1 ? ok() : fail("older_version");
}

/** One key, one human; and no human who both edits the roster and approves, by whichever accounts. */
async function conflictOf(
  desk: StaffDesk,
  { account, human, roles, ended }: RosterRecord,
  thumbprint: string,
): Promise<"key_of_another" | "roles_conflict" | undefined> {
  const others = await desk.db.select().from(staffAccounts).where(ne(staffAccounts.account, account));
  if (others.some((other) => other.keyThumbprint === thumbprint && other.human !== human)) return "key_of_another";
  if (ended) return undefined;
  const held = new Set<string>(roles);
  for (const { statement } of others.filter((other) => other.human === human && other.ended === null)) {
    const read = await readRecord(statement, desk.authority, desk.cell, desk.now);
    if (read.ok) for (const role of read.value.roles) held.add(role);
  }
  return held.has("people_admin") && held.has("privacy_approver") ? "roles_conflict" : undefined;
}

/** Every record, as it is signed: a reader checks it with the authority's public key. */
export async function listStaff({
  db,
}: StaffDesk): Promise<readonly { account: string; statement: string; ended: number | null }[]> {
  const { account, statement, ended } = staffAccounts;
  return db.select({ account, statement, ended }).from(staffAccounts).orderBy(asc(account));
}

/** Somebody's own record, believed for a role, and its text. */
export async function recordOf(
  desk: StaffDesk,
  account: string,
  role: Parameters<typeof believed>[1],
): Promise<
  Result<{ readonly text: string; readonly record: RosterRecord }, "untrusted_record" | "ended" | "wrong_role">
> {
  const row = await desk.db.select().from(staffAccounts).where(eq(staffAccounts.account, account)).get();
  if (row === undefined) return fail("untrusted_record");
  const read = await believed(row.statement, role, desk.authority, desk.cell, desk.now);
  return read.ok ? ok({ text: row.statement, record: read.value }) : read;
}
