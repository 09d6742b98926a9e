import { fail, ok, type Result } from "../result.ts";
import { proofLines } from "./add-checkpoint.ts";
import { fromBase64, fromDecimal, toBase64, type Bytes } from "../bytes.ts";
import { openCheckpoint, type SignedCheckpoint } from "./checkpoint.ts";
import { cosignersOf } from "./cosignature.ts";
import { includes, leafHash } from "./merkle.ts";
import type { VerifierKey } from "./note.ts";

const HEADER = "c2sp.org/tlog-proof@v1";

/**
 * That an entry is in a log, for whoever has nothing but this and the log's public key (C2SP tlog-proof). The `extra`
 * line holds the entry's bytes: it is not believed, its leaf hash is what the proof is of.
 */
export interface ProofFile {
  readonly entry: Bytes;
  readonly index: number;
  readonly proof: readonly Bytes[];
  /** The signed checkpoint, with its cosignatures. */
  readonly checkpoint: string;
}

export function formatProofFile({ entry, index, proof, checkpoint }: ProofFile): string {
  const lines = [HEADER, `extra ${toBase64(entry)}`, `index ${index}`, ...proof.map(toBase64)];
  return `${lines.join("\n")}\n\n${checkpoint}`;
}

export function parseProofFile(text: string): Result<ProofFile, "malformed"> {
  const split = text.indexOf("\n\n");
  if (split < 0) return fail("malformed");
  const [header, extra = "", at = "", ...hashes] = text.slice(0, split).split("\n");
  const entry = fromBase64(/^extra (\S+)$/.exec(extra)?.[1] ?? "-");
  const index = fromDecimal(/^index (\S+)$/.exec(at)?.[1] ?? "");
  const proof = proofLines(hashes);
  if (header !== HEADER || !entry.ok || !index.ok || !proof.ok) return fail("malformed");
  return ok({ entry: entry.value, index: index.value, proof: proof.value, checkpoint: text.slice(split + 2) });
}

/** What a proof file shows once it verified. */
export interface Proved {
  readonly entry: Bytes;
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
  /** Names of the known witnesses that cosigned the checkpoint. */
  readonly witnesses: readonly string[];
}

export type ProofFault = "malformed" | "unsigned" | "not_included" | "cosignature";

/** Needs no network: the log's key, and those of the witnesses that are known. */
export async function verifyProofFile(
  text: string,
  log: VerifierKey,
  witnesses: readonly VerifierKey[],
): Promise<Result<Proved, ProofFault>> {
  const file = parseProofFile(text);
  if (!file.ok) return file;
  const { entry, index, proof } = file.value;
  const checkpoint = await openCheckpoint(file.value.checkpoint, log);
  if (!checkpoint.ok) return checkpoint;
  const cosigners = await cosignersOf(checkpoint.value.note, witnesses);
  if (!cosigners.ok) return fail("cosignature");
  if (!(await includes(await leafHash(entry), index, proof, checkpoint.value))) return fail("not_included");
  return ok({
    entry,
    index,
    checkpoint: checkpoint.value,
    witnesses: [...new Set(cosigners.value.map(({ name }) => name))],
  });
}
