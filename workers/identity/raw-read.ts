import { CompactEncrypt, type CryptoKey, decodeJwt, importJWK } from "jose";
import { asc, eq } from "drizzle-orm";
import {
  RAW_READ_ID,
  type RawField,
  type RawRead,
  type RawReadGrant,
  type RawReadRefusal,
} from "../../protocol/rooms/raw-read.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { believed, heldBy, judgeGrant, type JudgedGrant } from "../../protocol/staff/grant.ts";
import { readRecord } from "../../protocol/staff/roster.ts";
import { subjectDigest } from "../../protocol/staff/raw-read.ts";
import { readScc } from "../../protocol/staff/scc.ts";
import { isFileOfLetter, openFile } from "./access-parts.ts";
import { utf8 } from "./bytes.ts";
import { loyaltyNumbers } from "./entities-schema.ts";
import { openField, readFields } from "./person-fields.ts";
import { commitment, type PersonKey } from "./person-key.ts";
import { requestRow, type RequestRow } from "./privacy-rows.ts";
import { PROFILE_FIELDS } from "./profile-rules.ts";
import type { RawReadDesk } from "./raw-read-desk.ts";
import { giveBack, newestOnly, takeUse } from "./raw-read-records.ts";
import { customerOf, openSubject } from "./raw-read-subject.ts";
import type { Room } from "./room.ts";

/**
 * Two people look at one record, once (decision 0016). Nothing is taken on ops' word: who they are, that they
 * are two, what they signed and that it was not used are all decided here. Every refusal is in the audit log, and so is
 * every read, before its first field is opened; without the log there is neither.
 */
export async function rawRead(
  desk: RawReadDesk,
  grant: RawReadGrant,
): Promise<Result<RawRead, RawReadRefusal | "unavailable">> {
  const { room } = desk;
  const judged = await judgeGrant(grant, desk.authority, room.cell, room.now());
  if (!judged.ok) return refuse(desk, grant, judged.reason);
  const found = await subjectOf(desk, grant, judged.value);
  if (!found.ok) return refuse(desk, grant, found.reason);
  const { request } = judged.value;
  const recipient = await recipientOf(judged.value);
  if (recipient === undefined) return refuse(desk, grant, "malformed_statement");
  if (!(await takeUse(room, request.id, request.expires * 1000))) return refuse(desk, grant, "used");
  const index = await desk.append({
    success: true,
    on: `subject:${await commitment(found.value.key)}`,
    detail: factsOf(judged.value),
  });
  if (index === undefined) {
    await giveBack(room, request.id);
    return fail("unavailable");
  }
  const fields = await openFields(room, found.value, request.fields);
  const sealed = await sealFor(recipient, { request: request.id, auditIndex: index, fields });
  return ok({ sealed, auditIndex: index, proof: await desk.proof(index) });
}

/** A changed record takes effect here before ops says that it is stored. */
export async function rosterChanged(
  desk: RawReadDesk,
  text: string,
): Promise<Result<undefined, "untrusted_record" | "ended">> {
  const { room } = desk;
  const record = await readRecord(text, desk.authority, room.cell, room.now());
  return record.ok ? newestOnly(room, [heldBy(record.value)]) : record;
}

export async function sccChanged(
  desk: RawReadDesk,
  text: string,
  officerRecord: string,
): Promise<Result<undefined, "untrusted_record" | "wrong_role" | "ended">> {
  const { room } = desk;
  const officer = await believed(officerRecord, "dpo", desk.authority, room.cell, room.now());
  if (!officer.ok) return officer;
  const scc = await readScc(text, officer.value, room.cell, room.now());
  if (!scc.ok) return scc;
  return newestOnly(room, [heldBy(officer.value), { holder: `scc:${scc.value.id}`, version: scc.value.version }]);
}

/** Whom a request is about, and the access request whose file is asked for, if one is. */
interface Found {
  readonly key: PersonKey;
  readonly file: RequestRow | null;
}

/** Found once the records are the newest, the subject is the one that was signed, and what is asked for is there. */
async function subjectOf(
  { room, ...desk }: RawReadDesk,
  grant: RawReadGrant,
  { request, records }: JudgedGrant,
): Promise<Result<Found, RawReadRefusal>> {
  const newest = await newestOnly(room, records);
  if (!newest.ok) return newest;
  const subject = await openSubject({ room, ...desk }, request.id, grant.subject);
  if (!subject.ok) return fail("other_subject");
  const { kind, digest } = request.subject;
  if (subject.value.kind !== kind || (await subjectDigest(subject.value)) !== digest) return fail("other_subject");
  const customer = await customerOf(room, subject.value);
  const key = customer === undefined ? undefined : await room.keys.read(customer);
  if (key === undefined) return fail("unknown_subject");
  if (!request.fields.includes("access_file")) return ok({ key, file: null });
  const file = kind === "privacy_request" ? await requestRow(room, subject.value.value) : undefined;
  return file !== undefined && (await isFileOfLetter(room, file)) ? ok({ key, file }) : fail("no_access_file");
}

async function refuse(
  desk: RawReadDesk,
  grant: RawReadGrant,
  code: RawReadRefusal,
): Promise<Result<never, RawReadRefusal | "unavailable">> {
  const recorded = await desk.append({ success: false, on: `raw_read:${namedBy(grant.request)}`, detail: { code } });
  return fail(recorded === undefined ? "unavailable" : code);
}

/** For the log of refusals alone: nothing of it has been believed. */
function namedBy(request: string): string {
  try {
    const { jti } = decodeJwt(request);
    return jti !== undefined && RAW_READ_ID.test(jti) ? jti : "unknown";
  } catch {
    return "unknown";
  }
}

function factsOf({ request, asking, approver }: JudgedGrant) {
  return {
    request: request.id,
    staff: asking.signer.account,
    staff_human: asking.signer.human,
    staff_cell: asking.cell,
    scc: asking.limits?.id ?? null,
    approver: approver.account,
    approver_human: approver.human,
    purpose: request.purpose,
    ticket: request.ticket,
    fields: request.fields.join(" "),
  };
}

async function openFields(
  room: Room,
  { key, file }: Found,
  fields: readonly RawField[],
): Promise<Record<string, unknown>> {
  const profile = PROFILE_FIELDS.filter((field) => fields.includes(field));
  const opened: Record<string, unknown> = await readFields(room, key, profile);
  if (fields.includes("loyalty")) opened["loyalty"] = await openNumbers(room, key);
  const text = file === null ? undefined : await openFile(room, file, key);
  if (text !== undefined) opened["access_file"] = JSON.parse(text) as unknown;
  return opened;
}

async function openNumbers(room: Room, key: PersonKey): Promise<readonly string[]> {
  const rows = await room.entities
    .select()
    .from(loyaltyNumbers)
    .where(eq(loyaltyNumbers.customer, key.person))
    .orderBy(asc(loyaltyNumbers.added), asc(loyaltyNumbers.id));
  return Promise.all(rows.map(({ id, sealed }) => openField(room, key, `loyalty:${id}`, sealed)));
}

/** For the viewer's key and nobody on the way. */
async function sealFor(recipient: CryptoKey, answer: object): Promise<string> {
  return new CompactEncrypt(utf8(JSON.stringify(answer)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: "cartwright-raw-read+jwe" })
    .encrypt(recipient);
}

/** Undefined for a point that is not on the curve. */
async function recipientOf({ recipient }: JudgedGrant): Promise<CryptoKey | undefined> {
  try {
    return (await importJWK({ ...recipient }, "ECDH-ES")) as CryptoKey;
  } catch {
    return undefined;
  }
}
