import type { Cell } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  MAX_REQUEST_SECONDS,
  MAX_VIEW_SECONDS,
  RAW_FIELDS,
  RAW_PURPOSES,
  RAW_READ_ID,
  type RawField,
  type RawPurpose,
  type RawReadRefusal,
  type RawSubject,
  type RequestClaims,
  SUBJECT_KINDS,
  type SubjectKind,
  TICKET,
} from "../rooms/raw-read.ts";
import type { PublicKey } from "../rooms/staff.ts";
import { digestOf, hasExactly, parseList, parsePublicKey, parseTimes, readStatement } from "./signed.ts";

/** Who signs a statement, as a roster or SCC record names them. */
export interface Signer {
  readonly account: string;
  readonly human: string;
  readonly key: PublicKey;
}

/** What the statements are for: one cell's raw reads. With the type in the header, no statement stands for another act. */
export const rawReadAudience = (cell: Cell): string => `cartwright-raw-read/${cell}`;

/** How the signed statements name whom they are about. */
export function subjectDigest({ kind, value, salt }: RawSubject): Promise<string> {
  return digestOf(JSON.stringify(["cartwright/raw-read-subject", salt, kind, value]));
}

export function requestClaims(cell: Cell, claims: RequestClaims): object {
  const { id, account, subject, fields, purpose, ticket, issued, expires } = claims;
  const [iat, exp] = [issued, expires];
  return { iss: account, aud: rawReadAudience(cell), jti: id, subject, fields, purpose, ticket, iat, exp };
}

/** A request that its own signer made, in form, in time and within the closed lists. */
export async function readRequest(
  text: string,
  signer: Signer,
  cell: Cell,
  now: number,
): Promise<Result<RequestClaims, RawReadRefusal>> {
  const claims = await readStatement("request", text, signer.key);
  if (claims === undefined) return fail("bad_signature");
  const members = ["iss", "aud", "jti", "subject", "fields", "purpose", "ticket", "iat", "exp"];
  const times = parseTimes(claims, now);
  const subject = parseSubject(claims["subject"]);
  const { iss, aud, jti, purpose, ticket } = claims;
  if (!hasExactly(claims, members) || times === undefined || subject === undefined) return fail("malformed_statement");
  if (typeof jti !== "string" || !RAW_READ_ID.test(jti) || typeof ticket !== "string" || !TICKET.test(ticket))
    return fail("malformed_statement");
  if (aud !== rawReadAudience(cell)) return fail("wrong_audience");
  if (iss !== signer.account) return fail("bad_signature");
  if (times.expires - times.issued > MAX_REQUEST_SECONDS) return fail("too_long");
  if (times.expires <= now / 1000) return fail("expired");
  if (typeof purpose !== "string" || !Object.hasOwn(RAW_PURPOSES, purpose)) return fail("unknown_purpose");
  const fields = parseList(claims["fields"], RAW_FIELDS);
  if (fields === undefined) return fail("unknown_field");
  const allowed: readonly RawField[] = RAW_PURPOSES[purpose as RawPurpose];
  if (!fields.every((field) => allowed.includes(field))) return fail("field_not_for_purpose");
  // Of a person there may be several files, or none: it is named by its request.
  if (fields.includes("access_file") && subject.kind !== "privacy_request") return fail("no_access_file");
  return ok({ id: jti, account: iss, subject, fields, purpose: purpose as RawPurpose, ticket, ...times });
}

export async function approvalClaims(
  cell: Cell,
  approval: { readonly account: string; readonly request: string; readonly id: string } & Times,
): Promise<object> {
  const { account, request, id, issued, expires } = approval;
  const times = { iat: issued, exp: expires };
  return { iss: account, aud: rawReadAudience(cell), jti: id, request: await digestOf(request), ...times };
}

/** Another human's approval, by another key, of exactly this request. It never outlives the request. */
export async function readApproval(
  text: string,
  approver: Signer,
  request: { readonly text: string; readonly claims: RequestClaims; readonly requester: Signer },
  cell: Cell,
  now: number,
): Promise<Result<undefined, RawReadRefusal>> {
  if (approver.human === request.requester.human || approver.account === request.requester.account)
    return fail("same_human");
  if (sameKey(approver.key, request.requester.key)) return fail("same_key");
  const claims = await readStatement("approval", text, approver.key);
  if (claims === undefined || claims["iss"] !== approver.account) return fail("bad_signature");
  const times = parseTimes(claims, now);
  if (!hasExactly(claims, ["iss", "aud", "jti", "request", "iat", "exp"]) || times === undefined)
    return fail("malformed_statement");
  if (claims["aud"] !== rawReadAudience(cell)) return fail("wrong_audience");
  if (claims["jti"] !== request.claims.id || claims["request"] !== (await digestOf(request.text)))
    return fail("other_request");
  if (times.expires > request.claims.expires) return fail("too_long");
  return times.expires <= now / 1000 ? fail("expired") : ok();
}

export async function viewClaims(
  cell: Cell,
  view: {
    readonly account: string;
    readonly id: string;
    readonly request: string;
    readonly approval: string;
    readonly recipient: PublicKey;
  } & Times,
): Promise<object> {
  const { account, id, request, approval, recipient, issued, expires } = view;
  const named = { request: await digestOf(request), approval: await digestOf(approval) };
  const [iat, exp] = [issued, expires];
  return { iss: account, aud: rawReadAudience(cell), jti: id, ...named, recipient, iat, exp };
}

/** The requester's order to view now, and the key that the answer is for. */
export async function readView(
  text: string,
  requester: Signer,
  of: { readonly id: string; readonly request: string; readonly approval: string },
  cell: Cell,
  now: number,
): Promise<Result<PublicKey, RawReadRefusal>> {
  const claims = await readStatement("view", text, requester.key);
  if (claims === undefined || claims["iss"] !== requester.account) return fail("bad_signature");
  const times = parseTimes(claims, now);
  const recipient = parsePublicKey(claims["recipient"]);
  const members = ["iss", "aud", "jti", "request", "approval", "recipient", "iat", "exp"];
  if (!hasExactly(claims, members) || times === undefined || recipient === undefined)
    return fail("malformed_statement");
  if (claims["aud"] !== rawReadAudience(cell)) return fail("wrong_audience");
  if (claims["jti"] !== of.id || claims["request"] !== (await digestOf(of.request))) return fail("other_request");
  if (claims["approval"] !== (await digestOf(of.approval))) return fail("other_request");
  if (times.expires - times.issued > MAX_VIEW_SECONDS) return fail("too_long");
  return times.expires <= now / 1000 ? fail("expired") : ok(recipient);
}

interface Times {
  readonly issued: number;
  readonly expires: number;
}

/** By x alone: the point with the other y is the same person's key with its sign turned. */
function sameKey(one: PublicKey, other: PublicKey): boolean {
  return one.x === other.x;
}

function parseSubject(value: unknown): RequestClaims["subject"] | undefined {
  if (typeof value !== "object" || value === null || !hasExactly(value, ["kind", "digest"])) return undefined;
  const { kind, digest } = value as Record<string, unknown>;
  if (!SUBJECT_KINDS.includes(kind as SubjectKind)) return undefined;
  return typeof digest === "string" && /^[\w-]{43}$/.test(digest) ? { kind: kind as SubjectKind, digest } : undefined;
}
