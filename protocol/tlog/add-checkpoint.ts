import { fail, ok, type Result } from "../result.ts";
import { fromBase64, fromDecimal, toBase64, type Bytes } from "../bytes.ts";
import { HASH } from "./merkle.ts";

/** The most hashes that a proof has: a tree of 2^63 leaves is that high. */
const MAX_PROOF = 63;

/** What a witness is asked (C2SP tlog-witness, add-checkpoint). */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Bytes[];
  /** The signed note, as it came. */
  readonly note: string;
}

export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`;
}

export function parseAddCheckpoint(body: string): Result<AddCheckpoint, "malformed"> {
  const split = body.indexOf("\n\n");
  if (split < 0) return fail("malformed");
  const [first = "", ...lines] = body.slice(0, split).split("\n");
  const oldSize = fromDecimal(/^old (\S+)$/.exec(first)?.[1] ?? "");
  const proof = proofLines(lines);
  if (!oldSize.ok || !proof.ok) return fail("malformed");
  return ok({ oldSize: oldSize.value, proof: proof.value, note: body.slice(split + 2) });
}

/** Hashes in base64, one a line. */
export function proofLines(lines: readonly string[]): Result<readonly Bytes[], "malformed"> {
  const proof: Bytes[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (!hash.ok || hash.value.length !== HASH) return fail("malformed");
    proof.push(hash.value);
  }
  return proof.length <= MAX_PROOF ? ok(proof) : fail("malformed");
}
