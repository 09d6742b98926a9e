import { fail, ok, type Result } from "../result.ts";
import { fromBase64, fromDecimal, toBase64, type Bytes } from "../bytes.ts";
import { HASH } from "./merkle.ts";
import { checkNote, parseNote, signNote, type Note, type Signer, type VerifierKey } from "./note.ts";

/** A tree's head as a log states it (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  /** Lines below the root that a log may add; ours adds none. */
  readonly extensions: readonly string[];
}

export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join("");
}

/** @param text of a note, with its last newline */
export function parseCheckpoint(text: string): Result<Checkpoint, "malformed"> {
  if (!text.endsWith("\n")) return fail("malformed");
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", decimal = "", encoded = "", ...extensions] = lines;
  const [size, root] = [fromDecimal(decimal), fromBase64(encoded)];
  if (lines.some((line) => line === "") || !size.ok || !root.ok || root.value.length !== HASH) return fail("malformed");
  return ok({ origin, size: size.value, root: root.value, extensions });
}

/** A checkpoint with the note that it stands in. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

export function signCheckpoint(size: number, root: Bytes, signer: Signer): Promise<string> {
  return signNote(formatCheckpoint({ origin: signer.key.name, size, root, extensions: [] }), signer);
}

/** `unsigned`: not signed by this log's key, or wrongly, or another log's. */
export async function openCheckpoint(
  bytes: string | Uint8Array,
  key: VerifierKey,
): Promise<Result<SignedCheckpoint, "malformed" | "unsigned">> {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const signed = await checkNote(note.value, key);
  if (!signed.ok || checkpoint.value.origin !== key.name) return fail("unsigned");
  return ok({ ...checkpoint.value, note: note.value });
}
