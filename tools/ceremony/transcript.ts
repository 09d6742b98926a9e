import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { FlattenedSign, flattenedVerify, importJWK, type JWK } from "jose";
import type { Custodian } from "../../protocol/pay/key-shares.ts";
import type { OfficerKey } from "./officer-key.ts";

export const FORMAT = "cartwright-key-ceremony/1";

/** What every part says: who, in which role, for which key, when, after what. */
interface Common {
  readonly cell: string;
  readonly version: number;
  readonly rehearsal: boolean;
  readonly custodian: Custodian;
  readonly officer: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The officer's public role key. */
  readonly role_key: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  /** SHA-256 of the part before, hex; null in the first. */
  readonly previous: string | null;
}
/** An officer made a share. Its check value is one-way. */
export interface ShareStatement extends Common {
  readonly step: "share";
  readonly share_check: string;
}
/** An officer saw which key the CDE joined in its memory. */
export interface JoinedStatement extends Common {
  readonly step: "joined";
  readonly share_a_check: string;
  readonly share_b_check: string;
  readonly joined_check: string;
}
export type Statement = ShareStatement | JoinedStatement;

/** A statement with its officer's signature (ES256 over the canonical JSON). */
export interface Part {
  readonly statement: Statement;
  readonly signature: string;
}

/** Goes from hand to hand; no secret is ever in it. */
export interface Transcript {
  readonly format: typeof FORMAT;
  readonly parts: readonly Part[];
}

export const EMPTY: Transcript = { format: FORMAT, parts: [] };

/** @throws Error when the file is no transcript at all; what it says is for `verifyTranscript` */
export function readTranscript(path: string): Transcript {
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  const { format, parts } = value as Partial<Transcript>;
  if (format !== FORMAT || !Array.isArray(parts)) throw new Error(`${path} is no transcript of a key ceremony`);
  return { format, parts: parts as Part[] };
}

export function writeTranscript(path: string, transcript: Transcript): void {
  writeFileSync(path, `${JSON.stringify(transcript, null, 1)}\n`);
}

type Unsigned<S extends Statement> = Omit<S, "previous" | "role_key" | "officer">;

/** The transcript with one more part, signed by the officer. */
export async function append(
  transcript: Transcript,
  officer: OfficerKey,
  statement: Unsigned<ShareStatement> | Unsigned<JoinedStatement>,
): Promise<Transcript> {
  const last = transcript.parts.at(-1);
  const whole = {
    ...statement,
    officer: officer.officer,
    role_key: publicPart(officer.jwk),
    previous: last === undefined ? null : hashOf(last),
  } as Statement;
  const key = await importJWK(officer.jwk, "ES256");
  const signed = await new FlattenedSign(bytesOf(whole)).setProtectedHeader(HEADER).sign(key);
  return { ...transcript, parts: [...transcript.parts, { statement: whole, signature: signed.signature }] };
}

const HEADER = { alg: "ES256", typ: "cartwright-key-ceremony+jws" };

/** Whether a part was signed by the role key that it names. */
export async function signedByItsKey({ statement, signature }: Part): Promise<boolean> {
  try {
    const key = await importJWK(statement.role_key, "ES256");
    const protectedHeader = Buffer.from(JSON.stringify(HEADER)).toString("base64url");
    const payload = Buffer.from(bytesOf(statement)).toString("base64url");
    await flattenedVerify({ payload, protected: protectedHeader, signature }, key, { algorithms: ["ES256"] });
    return true;
  } catch {
    return false;
  }
}

/** SHA-256 of the canonical JSON, hex. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** JSON with its members in order: strings, integers, booleans and null, as RFC 8785 writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

export function publicPart({ kty = "", crv = "", x = "", y = "" }: JWK): Common["role_key"] {
  return { kty, crv, x, y };
}

function bytesOf(statement: Statement): Uint8Array {
  return new TextEncoder().encode(canonical(statement));
}
