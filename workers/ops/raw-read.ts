import { desc, eq } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { RawReadRefusal, RawSubject, Requester, RequestClaims } from "../../protocol/rooms/raw-read.ts";
import { type Asking, readAsked, readRequester } from "../../protocol/staff/grant.ts";
import { subjectDigest } from "../../protocol/staff/raw-read.ts";
import { recordOf } from "./roster.ts";
import { sccOf } from "./scc.ts";
import { rawReadRequests } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";
import { whoOf } from "./staff-sign-in.ts";
import type { Staff } from "./staff-token.ts";

export type RequestRow = typeof rawReadRequests.$inferSelect;
export type Refusal = RawReadRefusal | "unavailable" | "state" | "not_found";

/** How many requests a list has. */
const LISTED = 100;

/**
 * Takes a signed request. What is checked here saves people time; what counts is checked again by the identity room
 * when it is asked for the fields.
 */
export async function ask(
  desk: StaffDesk,
  staff: Staff,
  asked: { readonly statement: string; readonly subject: RawSubject },
): Promise<Result<{ readonly id: string; readonly state: string; readonly expires: number }, Refusal>> {
  const from = await askingFor(desk, staff, asked.statement);
  if (!from.ok) return refused(desk, staff, "request", "unknown", from.reason);
  const { claims, asking } = from.value;
  if (asked.subject.kind !== claims.subject.kind || (await subjectDigest(asked.subject)) !== claims.subject.digest)
    return refused(desk, staff, "request", claims.id, "other_subject");
  const sealed = await desk.env.IDENTITY.sealRawSubject(claims.id, asked.subject);
  if (!sealed.ok) return fail(sealed.reason === "invalid" ? "malformed_statement" : sealed.reason);
  if (!(await appended(desk, staff, "request", claims))) return fail("unavailable");
  const row: RequestRow = {
    id: claims.id,
    account: staff.id,
    human: asking.signer.human,
    cell: staff.cell,
    scc: asking.limits?.id ?? null,
    ticket: claims.ticket,
    purpose: claims.purpose,
    fields: claims.fields.join(" "),
    statement: asked.statement,
    subjectKind: claims.subject.kind,
    subject: sealed.value,
    state: "open",
    created: desk.now,
    expires: claims.expires * 1000,
    decidedBy: null,
    decidedHuman: null,
    decided: null,
    reason: null,
    approval: null,
    viewed: null,
  };
  const [, kept] = await desk.db.batch([
    desk.db.insert(rawReadRequests).values(row).onConflictDoNothing(),
    desk.db.select().from(rawReadRequests).where(eq(rawReadRequests.id, claims.id)),
  ]);
  const [own] = kept;
  // Sent twice it is one request; an id that another statement has is nobody's to take.
  if (own === undefined || own.statement !== asked.statement) return fail("state");
  return ok({ id: own.id, state: stateOf(own, desk.now), expires: own.expires });
}

/** Newest first. Staff of another cell see ticket numbers and states, and of their own requests the id. */
export async function list(desk: StaffDesk, staff: Staff): Promise<readonly object[]> {
  const rows = await desk.db.select().from(rawReadRequests).orderBy(desc(rawReadRequests.created)).limit(LISTED);
  return rows.map((row) => {
    const { id, account, cell, ticket, purpose, fields, created, expires } = row;
    const state = stateOf(row, desk.now);
    if (staff.cell !== desk.cell) return isOwn(row, staff) ? { id, ticket, state } : { ticket, state };
    return { id, account, cell, ticket, purpose, fields: fields.split(" "), state, created, expires };
  });
}

/** The request with its statements; whom it is about for its asker and for who may approve it, while it is not over. */
export async function see(desk: StaffDesk, staff: Staff, id: string): Promise<Result<object, Refusal>> {
  const row = await rowOf(desk, id);
  if (row === undefined || (staff.cell !== desk.cell && !isOwn(row, staff))) return fail("not_found");
  const state = stateOf(row, desk.now);
  const mayKnow = isOwn(row, staff) || staff.roles.includes("privacy_approver");
  const live = state === "open" || state === "approved";
  const opened =
    mayKnow && live && row.subject !== null ? await desk.env.IDENTITY.openRawSubject(id, row.subject) : null;
  if (opened?.ok === false && opened.reason === "unavailable") return fail("unavailable");
  const { subject: _subject, fields, human: _human, decidedHuman: _decided, ...rest } = row;
  return ok({ ...rest, state, fields: fields.split(" "), subject: opened?.ok === true ? opened.value : null });
}

/** The records by which somebody may ask, and the first by which this request holds. */
async function askingFor(
  desk: StaffDesk,
  staff: Staff,
  statement: string,
): Promise<Result<{ readonly claims: RequestClaims; readonly asking: Asking }, RawReadRefusal>> {
  let reason: RawReadRefusal = staff.cell === desk.cell ? "untrusted_record" : "scc_required";
  for (const requester of await requestersOf(desk, staff)) {
    const asking = await readRequester(requester, desk.authority, desk.cell, desk.now);
    const claims = asking.ok ? await readAsked(statement, asking.value, desk.cell, desk.now) : asking;
    if (asking.ok && claims.ok) return ok({ claims: claims.value, asking: asking.value });
    if (!claims.ok) reason = claims.reason;
  }
  return fail(reason);
}

async function requestersOf(desk: StaffDesk, staff: Staff): Promise<readonly Requester[]> {
  if (staff.cell !== desk.cell) return sccOf(desk, staff);
  const own = await recordOf(desk, staff.id, "privacy");
  return own.ok ? [{ record: own.value.text }] : [];
}

/** The same asker, at a later step. */
export async function requesterOf(desk: StaffDesk, row: RequestRow): Promise<Result<Requester, RawReadRefusal>> {
  if (row.scc === null) {
    const own = await recordOf(desk, row.account, "privacy");
    return own.ok ? ok({ record: own.value.text }) : own;
  }
  const staff = { id: row.account, cell: row.cell } as Staff;
  const [scc] = await sccOf(desk, staff, row.scc);
  return scc === undefined ? fail("ended") : ok(scc);
}

export async function rowOf({ db }: StaffDesk, id: string): Promise<RequestRow | undefined> {
  return db.select().from(rawReadRequests).where(eq(rawReadRequests.id, id)).get();
}

export function isOwn(row: RequestRow, staff: Staff): boolean {
  return row.account === staff.id && row.cell === staff.cell;
}

/** What a row says, and what time says of it. */
export function stateOf(row: Pick<RequestRow, "state" | "expires">, now: number): RequestRow["state"] | "expired" {
  return (row.state === "open" || row.state === "approved") && row.expires <= now ? "expired" : row.state;
}

/** What a person does with a request, as the log names it. */
export type Step = "request" | "approval" | "denial" | "withdrawal" | "view";

/** The act in the log, before it is done. */
export function appended(
  desk: StaffDesk,
  staff: Staff,
  step: Step,
  of: Pick<RequestClaims, "id" | "ticket" | "purpose"> & { readonly fields: readonly string[] },
  more: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const { id, ticket, purpose, fields } = of;
  const detail = { step, ticket, purpose, fields: fields.join(" "), ...more };
  return desk.append({ who: whoOf(staff), kind: "raw_read_request", success: true, on: `raw_read:${id}`, detail });
}

/** A refusal with its code, once it is in the log. */
export async function refused<R extends Refusal>(
  desk: StaffDesk,
  staff: Staff,
  step: Step,
  id: string,
  code: R,
): Promise<Result<never, R | "unavailable">> {
  const act = { who: whoOf(staff), kind: "raw_read_request", success: false, on: `raw_read:${id}` } as const;
  return fail((await desk.append({ ...act, detail: { step, code } })) ? code : "unavailable");
}
