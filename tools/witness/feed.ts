import { formatAddCheckpoint } from "../../protocol/tlog/add-checkpoint.ts";
import { fromDecimal } from "../../protocol/bytes.ts";
import { openCheckpoint } from "../../protocol/tlog/checkpoint.ts";
import { consistencyProof } from "../../protocol/tlog/merkle.ts";
import type { VerifierKey } from "../../protocol/tlog/note.ts";
import { tilePath } from "../../protocol/tlog/tile.ts";
import { subtreesOf } from "../../protocol/tlog/tree.ts";
import type { LogSource } from "../audit/source.ts";

/** `nothing`: the log has no checkpoint yet, and none was cosigned. `inconsistent`: the log was rolled back, rewritten or forked. */
export type Fed =
  | { readonly outcome: "cosigned"; readonly size: number }
  | { readonly outcome: "nothing" }
  | { readonly outcome: "inconsistent"; readonly why: string };

/** The witness that a log is taken to. */
export interface Asked {
  /** C2SP tlog-witness, add-checkpoint. */
  addCheckpoint(body: string): Promise<{ readonly status: number; readonly body: string }>;
  /** The note that it cosigned last for a log; null: none. */
  latest(origin: string): Promise<string | null>;
}

/**
 * Takes a log's checkpoint to a witness, with the proof made from the log's tiles, and the cosignature back to the log.
 * The log has no way out, so this is the witness's side that pulls.
 * @throws Error when a door does not answer as it should
 */
export async function feed(source: LogSource, key: VerifierKey, witness: Asked): Promise<Fed> {
  const bytes = await source.read("checkpoint");
  if (bytes === null) {
    const cosigned = await witness.latest(key.name);
    if (cosigned === null) return { outcome: "nothing" };
    return { outcome: "inconsistent", why: `${cosigned.split("\n")[1]} entries were cosigned, the log says none` };
  }
  const note = new TextDecoder().decode(bytes);
  const checkpoint = await openCheckpoint(note, key);
  if (!checkpoint.ok) return { outcome: "inconsistent", why: "the checkpoint is not signed by the log's key" };
  const { size } = checkpoint.value;
  let answer = await witness.addCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], note }));
  if (answer.status === 409) {
    const known = fromDecimal(answer.body.trimEnd());
    if (!known.ok) throw new Error("the witness's answer holds no size");
    if (known.value > size)
      return { outcome: "inconsistent", why: `${known.value} entries were cosigned, the log says ${size}` };
    const proof = await consistencyProof(subtrees(source, size), known.value, size);
    answer = await witness.addCheckpoint(formatAddCheckpoint({ oldSize: known.value, proof, note }));
  }
  if (answer.status === 422) return { outcome: "inconsistent", why: "the log is not the one that was cosigned before" };
  if (answer.status !== 200) throw new Error(`the witness answered ${answer.status}`);
  await source.cosign(note + answer.body);
  return { outcome: "cosigned", size };
}

function subtrees(source: LogSource, size: number): ReturnType<typeof subtreesOf> {
  return subtreesOf(async (tile) => {
    const bytes = await source.read(tilePath(tile));
    if (bytes === null) throw new Error(`the log has no ${tilePath(tile)}`);
    return bytes;
  }, size);
}
