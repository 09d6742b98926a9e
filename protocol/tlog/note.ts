import { fail, ok, type Result } from "../result.ts";
import { concat, fromBase64, textOf, toBase64, hex, utf8, type Bytes } from "../bytes.ts";

/** Signature types of C2SP signed-note that are used here. */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export type Algorithm = typeof ED25519 | typeof COSIGNATURE;

/** More than the 16 that a verifier must take; a note of the size limit holds no more. */
const MAX_SIGNATURES = 32;
const MAX_NOTE = 16_384;
/** Not empty, no Unicode space, no plus. */
const KEY_NAME = /^[^\p{White_Space}+]{1,255}$/u;

/** A line `— <name> <base64 of key id and signature>`. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes as hex. */
  readonly keyId: string;
  readonly signature: Bytes;
}

export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Strict (C2SP signed-note, Format): what is read is what `formatNote` writes. */
export function parseNote(note: string | Uint8Array): Result<Note, "malformed"> {
  const read = typeof note === "string" ? ok(note) : textOf(note);
  if (!read.ok || read.value.length > MAX_NOTE) return fail("malformed");
  // eslint-disable-next-line no-control-regex -- the specification names them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(read.value)) return fail("malformed");
  const split = read.value.lastIndexOf("\n\n");
  if (split < 0) return fail("malformed");
  const [text, below] = [read.value.slice(0, split + 1), read.value.slice(split + 2)];
  const signatures = parseSignatures(below);
  return signatures.ok && signatures.value.length > 0 ? ok({ text, signatures: signatures.value }) : fail("malformed");
}

/** Signature lines alone, as a witness answers them. */
export function parseSignatures(lines: string): Result<readonly NoteSignature[], "malformed"> {
  if (lines !== "" && !lines.endsWith("\n")) return fail("malformed");
  const signatures: NoteSignature[] = [];
  for (const line of lines.split("\n").slice(0, -1)) {
    const [, name = "", encoded = ""] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (!KEY_NAME.test(name) || !bytes.ok || bytes.value.length < 5) return fail("malformed");
    signatures.push({ name, keyId: hex(bytes.value.subarray(0, 4)), signature: bytes.value.slice(4) });
  }
  return signatures.length <= MAX_SIGNATURES ? ok(signatures) : fail("malformed");
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const id = Uint8Array.from({ length: 4 }, (_, at) => Number.parseInt(keyId.slice(at * 2, at * 2 + 2), 16));
  return `— ${name} ${toBase64(concat(id, signature))}\n`;
}

/** A key that notes are checked with. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: string;
  readonly algorithm: Algorithm;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Bytes;
}

export async function verifierKey(name: string, algorithm: Algorithm, publicKey: Uint8Array): Promise<VerifierKey> {
  const material = concat(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", material));
  return { name, keyId: hex(digest.subarray(0, 4)), algorithm, publicKey: Uint8Array.from(publicKey) };
}

/** `<name>+<key id>+<base64 of type and key>` (C2SP signed-note, Verifier keys). */
export function formatVerifierKey({ name, keyId, algorithm, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${toBase64(concat(Uint8Array.of(algorithm), publicKey))}`;
}

/** Only Ed25519 keys, and only those whose id is their own. */
export async function parseVerifierKey(text: string): Promise<Result<VerifierKey, "malformed">> {
  const [, name = "", keyId = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!KEY_NAME.test(name) || !bytes.ok || bytes.value.length !== 33) return fail("malformed");
  const [algorithm] = bytes.value;
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE) return fail("malformed");
  const key = await verifierKey(name, algorithm, bytes.value.subarray(1));
  return key.keyId === keyId ? ok(key) : fail("malformed");
}

/** A key that signs, with its public half. */
export interface Signer {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Promise<Bytes>;
}

/**
 * @param jwk an Ed25519 private key (RFC 8037) as JSON
 * @throws Error when it is none; it never quotes the key
 */
export async function signerOf(name: string, algorithm: Algorithm, jwk: string): Promise<Signer> {
  if (!KEY_NAME.test(name)) throw new Error("not a name of a note key");
  const { x, secret } = await importSecret(jwk);
  const key = await verifierKey(name, algorithm, x);
  return {
    key,
    sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", secret, Uint8Array.from(message))),
  };
}

async function importSecret(jwk: string): Promise<{ x: Bytes; secret: CryptoKey }> {
  try {
    const { kty, crv, x, d } = JSON.parse(jwk) as Record<string, string>;
    const secret = await crypto.subtle.importKey("jwk", { kty, crv, x, d } as JsonWebKey, "Ed25519", false, ["sign"]);
    const point = fromBase64(`${(x ?? "").replaceAll("-", "+").replaceAll("_", "/")}=`);
    if (!point.ok || point.value.length !== 32) throw new Error("no point");
    return { x: point.value, secret };
  } catch {
    throw new Error("the log's signing key is no Ed25519 private JWK");
  }
}

export async function verified(key: VerifierKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", key.publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, Uint8Array.from(signature), Uint8Array.from(message));
  } catch {
    return false;
  }
}

export async function signNote(text: string, signer: Signer): Promise<string> {
  const { name, keyId } = signer.key;
  return formatNote({ text, signatures: [{ name, keyId, signature: await signer.sign(utf8(text)) }] });
}

/** The signature of this key on a note: `absent`, or `invalid` when it is there and does not verify. */
export async function checkNote(note: Note, key: VerifierKey): Promise<Result<undefined, "absent" | "invalid">> {
  const mine = note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
  if (mine.length === 0) return fail("absent");
  for (const { signature } of mine) if (!(await verified(key, utf8(note.text), signature))) return fail("invalid");
  return ok();
}
