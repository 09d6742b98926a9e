import { compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { MAX_REQUEST_SECONDS, MAX_VIEW_SECONDS, type RawSubject } from "../../protocol/rooms/raw-read.ts";
import { approvalClaims, requestClaims, subjectDigest, viewClaims } from "../../protocol/staff/raw-read.ts";
import { signStatement } from "../../protocol/staff/signed.ts";
import { publicHalf } from "./demo-staff.ts";

/** A member of staff with the key that stands in for their hardware key. */
export interface Signatory {
  readonly account: string;
  readonly jwk: JWK;
}

export interface Ask {
  readonly subject: Pick<RawSubject, "kind" | "value">;
  readonly fields: readonly string[];
  readonly purpose: string;
  readonly ticket: string;
  /** Seconds until the request ends: 30 minutes unless told. */
  readonly life?: number;
  /** Seconds since the epoch. */
  readonly issued?: number;
  /** A new one unless told. */
  readonly id?: string;
}

/** A request as its asker signs it, with the subject that goes beside it. */
export interface SignedRequest {
  readonly id: string;
  readonly statement: string;
  readonly subject: RawSubject;
  readonly expires: number;
}

/** The form of what is signed is the same whoever signs it: what `ask` says is not checked here. */
export async function signRequest(cell: Cell, by: Signatory, ask: Ask): Promise<SignedRequest> {
  const id = ask.id ?? newId();
  const salt = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
  const subject = { ...ask.subject, salt };
  const issued = ask.issued ?? seconds();
  const expires = issued + (ask.life ?? MAX_REQUEST_SECONDS);
  const claims = requestClaims(cell, {
    id,
    account: by.account,
    subject: { kind: subject.kind, digest: await subjectDigest(subject) },
    fields: ask.fields as never,
    purpose: ask.purpose as never,
    ticket: ask.ticket,
    issued,
    expires,
  });
  return { id, statement: await signStatement("request", claims, by.jwk), subject, expires };
}

/** Approves a request until it ends. */
export async function signApproval(
  cell: Cell,
  by: Signatory,
  request: Pick<SignedRequest, "id" | "statement" | "expires">,
  times: { readonly issued?: number; readonly expires?: number } = {},
): Promise<string> {
  const { id, statement, expires } = request;
  const claims = { account: by.account, id, request: statement, issued: seconds(), expires, ...times };
  return signStatement("approval", await approvalClaims(cell, claims), by.jwk);
}

/** An order to view, and the key that its answer opens with. */
export interface View {
  readonly statement: string;
  readonly privateJwk: JWK;
}

export async function signView(
  cell: Cell,
  by: Signatory,
  request: Pick<SignedRequest, "id" | "statement">,
  approval: string,
  times: { readonly issued?: number; readonly expires?: number } = {},
): Promise<View> {
  const { privateKey } = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const recipient = publicHalf(privateJwk);
  const issued = times.issued ?? seconds();
  const expires = times.expires ?? issued + MAX_VIEW_SECONDS;
  const { id, statement } = request;
  const claims = { account: by.account, id, request: statement, approval, recipient, issued, expires };
  return { statement: await signStatement("view", await viewClaims(cell, claims), by.jwk), privateJwk };
}

/** What the answer says: the fields by name, and the audit entry that was made before they were opened. */
export interface Opened {
  readonly request: string;
  readonly auditIndex: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** @throws when it is sealed for another key */
export async function openAnswer(sealed: string, privateJwk: JWK): Promise<Opened> {
  const { plaintext } = await compactDecrypt(sealed, await importJWK(privateJwk, "ECDH-ES"), {
    keyManagementAlgorithms: ["ECDH-ES"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  return JSON.parse(new TextDecoder().decode(plaintext)) as Opened;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** 130 random bits, five a letter. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => ALPHABET[byte & 31]).join("");
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
