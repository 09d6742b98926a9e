import { fail, ok, type Result } from "../result.ts";
import { concat, utf8 } from "../bytes.ts";
import { parseNote, verified, type Note, type NoteSignature, type Signer, type VerifierKey } from "./note.ts";

/** Bytes of the timestamp before the Ed25519 signature, and of both. */
const TIME = 8;
const WHOLE = TIME + 64;

/** What a witness signs (C2SP tlog-cosignature, Ed25519 signed message). @param seconds POSIX time */
function messageOf(text: string, seconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** @param text the checkpoint's, with its last newline; @param seconds POSIX time */
export async function cosign(text: string, seconds: number, signer: Signer): Promise<NoteSignature> {
  const time = new Uint8Array(TIME);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  const { name, keyId } = signer.key;
  return { name, keyId, signature: concat(time, await signer.sign(messageOf(text, seconds))) };
}

/** When the witness cosigned, in POSIX seconds; `invalid`: it did not. */
export async function checkCosignature(
  text: string,
  line: NoteSignature,
  key: VerifierKey,
): Promise<Result<number, "invalid">> {
  const { signature } = line;
  if (line.name !== key.name || line.keyId !== key.keyId || signature.length !== WHOLE) return fail("invalid");
  const seconds = Number(new DataView(signature.buffer, signature.byteOffset, TIME).getBigUint64(0));
  if (!Number.isSafeInteger(seconds)) return fail("invalid");
  return (await verified(key, messageOf(text, seconds), signature.subarray(TIME))) ? ok(seconds) : fail("invalid");
}

/** The known witnesses that cosigned a note; `invalid` when a known one's line does not verify (signed-note, Signatures). */
export async function cosignersOf(
  note: Note,
  witnesses: readonly VerifierKey[],
): Promise<Result<readonly NoteSignature[], "invalid">> {
  const good: NoteSignature[] = [];
  for (const line of note.signatures) {
    const key = witnesses.find(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (key === undefined) continue;
    if (!(await checkCosignature(note.text, line, key)).ok) return fail("invalid");
    good.push(line);
  }
  return ok(good);
}

/** The log's signature, then one line a witness, a later one in place of its earlier. */
export function merged(
  text: string,
  log: readonly NoteSignature[],
  added: readonly NoteSignature[],
  earlier: string | undefined,
): Note {
  const lines = new Map<string, NoteSignature>();
  const parsed = earlier === undefined ? undefined : parseNote(earlier);
  const kept = parsed?.ok === true && parsed.value.text === text ? parsed.value.signatures : [];
  for (const line of [...kept, ...added]) lines.set(`${line.name} ${line.keyId}`, line);
  for (const line of log) lines.delete(`${line.name} ${line.keyId}`);
  return { text, signatures: [...log, ...lines.values()] };
}
