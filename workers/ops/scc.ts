import { and, asc, eq, isNull, lt } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Requester } from "../../protocol/rooms/raw-read.ts";
import { readScc } from "../../protocol/staff/scc.ts";
import { recordOf } from "./roster.ts";
import { sccRecords, staffAccounts } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";
import { whoOf } from "./staff-sign-in.ts";
import type { Staff } from "./staff-token.ts";

type PutRefusal = "untrusted_record" | "wrong_role" | "ended" | "older_version" | "unavailable";

/** Keeps a record that the data-protection officer signed with their own key; they alone put it there. */
export async function putScc(
  desk: StaffDesk,
  by: Staff,
  id: string,
  statement: string,
): Promise<Result<undefined, PutRefusal>> {
  const officer = await recordOf(desk, by.id, "dpo");
  if (!officer.ok) return officer;
  const read = await readScc(statement, officer.value.record, desk.cell, desk.now);
  if (!read.ok) return read;
  if (read.value.id !== id) return fail("untrusted_record");
  const kept = await desk.db.select().from(sccRecords).where(eq(sccRecords.id, id)).get();
  if (kept?.statement === statement) return ok();
  if (kept !== undefined && kept.version >= read.value.version) return fail("older_version");
  const told = await desk.env.IDENTITY.sccChanged(statement, officer.value.text);
  if (!told.ok) return told;
  const { version, person, purposes, fields, expires, ended } = read.value;
  const scope = { purposes: purposes.join(" "), fields: fields.join(" ") };
  const detail = { version, cell: person.cell, account: person.account, ...scope, expires: expires * 1000, ended };
  if (!(await desk.append({ who: whoOf(by), kind: "scc_changed", success: true, on: `scc:${id}`, detail })))
    return fail("unavailable");
  const row = {
    officer: by.id,
    cell: person.cell,
    account: person.account,
    version,
    statement,
    expires: expires * 1000,
    ended: ended ? desk.now : null,
  };
  const written = await desk.db
    .insert(sccRecords)
    .values({ id, added: desk.now, ...row })
    .onConflictDoUpdate({ target: sccRecords.id, set: row, setWhere: lt(sccRecords.version, version) });
  return written.meta.changes === 1 ? ok() : fail("older_version");
}

export async function listScc({ db }: StaffDesk) {
  const { id, officer, cell, account, version, statement, expires, ended } = sccRecords;
  return db
    .select({ id, officer, cell, account, version, statement, expires, ended })
    .from(sccRecords)
    .orderBy(asc(id));
}

/** The records by which somebody of another cell may ask, each with the record of the officer who signed it. */
export async function sccOf(
  desk: StaffDesk,
  { cell, id }: Staff,
  only?: string,
): Promise<readonly (Requester & { readonly id: string })[]> {
  const rows = await desk.db
    .select({ id: sccRecords.id, scc: sccRecords.statement, officer: staffAccounts.statement })
    .from(sccRecords)
    .innerJoin(staffAccounts, eq(staffAccounts.account, sccRecords.officer))
    .where(
      and(
        eq(sccRecords.cell, cell),
        eq(sccRecords.account, id),
        isNull(sccRecords.ended),
        ...(only === undefined ? [] : [eq(sccRecords.id, only)]),
      ),
    );
  return rows;
}
