import { and, eq, inArray } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { RawRead } from "../../protocol/rooms/raw-read.ts";
import { believedApprover, readAsked, readRequester } from "../../protocol/staff/grant.ts";
import { readApproval } from "../../protocol/staff/raw-read.ts";
import {
  appended,
  isOwn,
  refused,
  type Refusal,
  requesterOf,
  type RequestRow,
  rowOf,
  stateOf,
  type Step,
} from "./raw-read.ts";
import { recordOf } from "./roster.ts";
import { rawReadRequests } from "./schema.ts";
import type { StaffDesk } from "./staff-desk.ts";
import type { Staff } from "./staff-token.ts";

/** The second person's signed yes. That it is another human with another key is decided here and again by identity. */
export async function approve(
  desk: StaffDesk,
  staff: Staff,
  id: string,
  statement: string,
): Promise<Result<undefined, Refusal>> {
  const row = await rowOf(desk, id);
  if (row === undefined) return fail("not_found");
  if (row.state === "approved" && row.approval === statement) return ok();
  const standing = standsAt(row, desk.now, ["open"]);
  if (!standing.ok) return standing;
  const judged = await judge(desk, staff, row, statement);
  if (!judged.ok) return refused(desk, staff, "approval", id, judged.reason);
  const decided = { decidedBy: staff.id, decidedHuman: judged.value, decided: desk.now };
  return recordThenMove(desk, staff, row, {
    step: "approval",
    detail: { asker: row.account },
    from: ["open"],
    set: { state: "approved", approval: statement, ...decided },
  });
}

async function judge(
  desk: StaffDesk,
  staff: Staff,
  row: RequestRow,
  statement: string,
): Promise<Result<string, Refusal>> {
  // The one who edits the roster could make the second person up.
  if (staff.roles.includes("people_admin")) return fail("wrong_role");
  const own = await recordOf(desk, staff.id, "privacy_approver");
  if (!own.ok) return own;
  const requester = await requesterOf(desk, row);
  if (!requester.ok) return requester;
  const asking = await readRequester(requester.value, desk.authority, desk.cell, desk.now);
  if (!asking.ok) return asking;
  const approver = await believedApprover(own.value.text, asking.value, desk.authority, desk.cell, desk.now);
  if (!approver.ok) return approver;
  const claims = await readAsked(row.statement, asking.value, desk.cell, desk.now);
  if (!claims.ok) return claims;
  const request = { text: row.statement, claims: claims.value, requester: asking.value.signer };
  const approval = await readApproval(statement, approver.value, request, desk.cell, desk.now);
  return approval.ok ? ok(approver.value.human) : approval;
}

export async function deny(
  desk: StaffDesk,
  staff: Staff,
  id: string,
  reason: string,
): Promise<Result<undefined, Refusal>> {
  const row = await rowOf(desk, id);
  if (row === undefined) return fail("not_found");
  const approver = await recordOf(desk, staff.id, "privacy_approver");
  if (!approver.ok) return refused(desk, staff, "denial", id, approver.reason);
  const decided = { decidedBy: staff.id, decidedHuman: approver.value.record.human, decided: desk.now };
  return recordThenMove(desk, staff, row, {
    step: "denial",
    detail: { reason },
    from: ["open"],
    set: { state: "denied", subject: null, reason, ...decided },
  });
}

/** The asker needs it no longer; until it is viewed. */
export async function withdraw(
  desk: StaffDesk,
  staff: Staff,
  id: string,
  reason: string,
): Promise<Result<undefined, Refusal>> {
  const row = await ownRow(desk, staff, id);
  if (row === undefined) return fail("not_found");
  return recordThenMove(desk, staff, row, {
    step: "withdrawal",
    detail: { reason },
    from: ["open", "approved"],
    set: { state: "withdrawn", subject: null, reason },
  });
}

/**
 * Carries all that was signed to the identity room, which decides; the fields come back sealed for the viewer's key.
 * A withdrawn request is refused here, where it was withdrawn; one whose time is over there, where a refused view is
 * in the log as a raw read.
 */
export async function view(
  desk: StaffDesk,
  staff: Staff,
  id: string,
  statement: string,
): Promise<Result<RawRead, Refusal>> {
  const row = await ownRow(desk, staff, id);
  if (row === undefined) return fail("not_found");
  if (row.state === "viewed") return fail("used");
  if (row.state !== "approved" || row.approval === null || row.subject === null || row.decidedBy === null)
    return fail("state");
  const requester = await requesterOf(desk, row);
  if (!requester.ok) return refused(desk, staff, "view", id, requester.reason);
  const approver = await recordOf(desk, row.decidedBy, "privacy_approver");
  if (!approver.ok) return refused(desk, staff, "view", id, approver.reason);
  const read = await desk.env.IDENTITY.rawRead({
    request: row.statement,
    approval: row.approval,
    view: statement,
    requester: requester.value,
    approver: approver.value.text,
    subject: row.subject,
  });
  if (read.ok || read.reason === "used")
    await moved(desk, row, ["approved"], { state: "viewed", subject: null, viewed: desk.now });
  return read;
}

/** The request that this member of staff asked for; another's is like none. */
async function ownRow(desk: StaffDesk, staff: Staff, id: string): Promise<RequestRow | undefined> {
  const row = await rowOf(desk, id);
  return row !== undefined && isOwn(row, staff) ? row : undefined;
}

type Kept = RequestRow["state"];

function standsAt(row: RequestRow, now: number, states: readonly Kept[]): Result<undefined, "expired" | "state"> {
  const state = stateOf(row, now);
  if (state === "expired") return fail("expired");
  return states.includes(state) ? ok() : fail("state");
}

interface Move {
  readonly step: Step;
  /** What the log says of it beside the request's own facts. */
  readonly detail: Readonly<Record<string, string>>;
  /** The states in which it may be taken. */
  readonly from: readonly Kept[];
  readonly set: Partial<RequestRow>;
}

/** A step that the request stands for: in the log first, then in its row. */
async function recordThenMove(
  desk: StaffDesk,
  staff: Staff,
  row: RequestRow,
  { step, detail, from, set }: Move,
): Promise<Result<undefined, "expired" | "state" | "unavailable">> {
  const standing = standsAt(row, desk.now, from);
  if (!standing.ok) return standing;
  const { id, ticket, purpose, fields } = row;
  const facts = { id, ticket, purpose, fields: fields.split(" ") };
  return (await appended(desk, staff, step, facts, detail)) ? moved(desk, row, from, set) : fail("unavailable");
}

/** One conditional update: of two steps at once, one is taken. */
async function moved(
  { db }: StaffDesk,
  { id }: RequestRow,
  from: readonly Kept[],
  set: Partial<RequestRow>,
): Promise<Result<undefined, "state">> {
  const written = await db
    .update(rawReadRequests)
    .set(set)
    .where(and(eq(rawReadRequests.id, id), inArray(rawReadRequests.state, from)));
  return written.meta.changes === 1 ? ok() : fail("state");
}
