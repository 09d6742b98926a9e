import type { CryptoKey } from "jose";
import type { Cell } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import type { RawReadGrant, RawReadRefusal, Requester, RequestClaims } from "../rooms/raw-read.ts";
import type { PublicKey, RosterRecord } from "../rooms/staff.ts";
import { readApproval, readRequest, readView, type Signer } from "./raw-read.ts";
import { readRecord, standing } from "./roster.ts";
import { readScc } from "./scc.ts";

/** A record that somebody acts by: no newer version of it may have been seen. */
export interface Leaned {
  /** `staff:<account>` or `scc:<id>`. */
  readonly holder: string;
  readonly version: number;
}

/** Who asks, and the records that say so. */
export interface Asking {
  readonly signer: Signer;
  /** The asker's cell. */
  readonly cell: Cell;
  /** Who vouches for the asker: the officer behind an SCC record; null for this cell's own staff. */
  readonly officer: RosterRecord | null;
  /** What an SCC record limits them to; null for this cell's own staff. */
  readonly limits:
    | (Pick<RequestClaims, "fields"> & { readonly purposes: readonly string[]; readonly id: string })
    | null;
  readonly records: readonly Leaned[];
}

export interface JudgedGrant {
  readonly request: RequestClaims;
  readonly asking: Asking;
  readonly approver: RosterRecord;
  readonly recipient: PublicKey;
  readonly records: readonly Leaned[];
}

export const heldBy = (record: RosterRecord): Leaned => ({
  holder: `staff:${record.account}`,
  version: record.version,
});

/** A roster record with a role, in force. */
export async function believed(
  text: string,
  role: "privacy" | "privacy_approver" | "dpo" | "reviewer",
  authority: CryptoKey,
  cell: Cell,
  now: number,
): Promise<Result<RosterRecord, "untrusted_record" | "ended" | "wrong_role">> {
  const record = await readRecord(text, authority, cell, now);
  if (!record.ok) return record;
  const stands = standing(record.value, now);
  if (!stands.ok) return stands;
  const { roles } = record.value;
  // Who edits the roster could make the second person up.
  if (!roles.includes(role) || (role === "privacy_approver" && roles.includes("people_admin")))
    return fail("wrong_role");
  return record;
}

/** Who asks: one of this cell's staff, or whom a signed SCC record of this cell names. */
export async function readRequester(
  requester: Requester,
  authority: CryptoKey,
  cell: Cell,
  now: number,
): Promise<Result<Asking, RawReadRefusal>> {
  if ("record" in requester) {
    const own = await believed(requester.record, "privacy", authority, cell, now);
    return own.ok ? ok({ signer: own.value, cell, officer: null, limits: null, records: [heldBy(own.value)] }) : own;
  }
  const officer = await believed(requester.officer, "dpo", authority, cell, now);
  if (!officer.ok) return officer;
  const scc = await readScc(requester.scc, officer.value, cell, now);
  if (!scc.ok) return scc;
  const stands = standing(scc.value, now);
  if (!stands.ok) return stands;
  const { id, version, person, purposes, fields } = scc.value;
  return ok({
    signer: person,
    cell: person.cell,
    officer: officer.value,
    limits: { purposes, fields, id },
    records: [heldBy(officer.value), { holder: `scc:${id}`, version }],
  });
}

/** A request with what its asker may ask for. */
export async function readAsked(
  text: string,
  asking: Asking,
  cell: Cell,
  now: number,
): Promise<Result<RequestClaims, RawReadRefusal>> {
  const request = await readRequest(text, asking.signer, cell, now);
  if (!request.ok || asking.limits === null) return request;
  const { purposes, fields } = asking.limits;
  const within =
    purposes.includes(request.value.purpose) && request.value.fields.every((field) => fields.includes(field));
  return within ? request : fail("scc_required");
}

/**
 * The second person, for this asker. Who signs an SCC record names the first person, so they are no second: with a key
 * of their own making they would be both.
 */
export async function believedApprover(
  text: string,
  { officer }: Asking,
  authority: CryptoKey,
  cell: Cell,
  now: number,
): Promise<Result<RosterRecord, "untrusted_record" | "ended" | "wrong_role" | "same_human" | "same_key">> {
  const approver = await believed(text, "privacy_approver", authority, cell, now);
  if (!approver.ok || officer === null) return approver;
  if (approver.value.human === officer.human || approver.value.account === officer.account) return fail("same_human");
  return approver.value.key.x === officer.key.x ? fail("same_key") : approver;
}

/**
 * Everything that a raw read rests on, by the staff authority's public key alone: two records, three statements, two
 * humans, two keys, one request. Pure: what was seen before (uses, newer records) is the caller's to check.
 */
export async function judgeGrant(
  grant: RawReadGrant,
  authority: CryptoKey,
  cell: Cell,
  now: number,
): Promise<Result<JudgedGrant, RawReadRefusal>> {
  const asking = await readRequester(grant.requester, authority, cell, now);
  if (!asking.ok) return asking;
  const request = await readAsked(grant.request, asking.value, cell, now);
  if (!request.ok) return request;
  const approver = await believedApprover(grant.approver, asking.value, authority, cell, now);
  if (!approver.ok) return approver;
  const asked = { text: grant.request, claims: request.value, requester: asking.value.signer };
  const approval = await readApproval(grant.approval, approver.value, asked, cell, now);
  if (!approval.ok) return approval;
  const of = { id: request.value.id, request: grant.request, approval: grant.approval };
  const recipient = await readView(grant.view, asking.value.signer, of, cell, now);
  if (!recipient.ok) return recipient;
  const records = [...asking.value.records, heldBy(approver.value)];
  return ok({
    request: request.value,
    asking: asking.value,
    approver: approver.value,
    recipient: recipient.value,
    records,
  });
}
