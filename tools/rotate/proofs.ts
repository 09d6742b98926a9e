import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import type { VerifierKey } from "../../protocol/tlog/note.ts";
import { verifyProofFile } from "../../protocol/tlog/proof-file.ts";
import { ENTRIES } from "../audit/entries.ts";
import { PROOF_FAULTS } from "../audit/faults.ts";
import { SourceError, type LogSource } from "../audit/source.ts";
import { OpsError } from "../staff/client.ts";

export interface ProofKeeper {
  readonly cell: Cell;
  readonly log: Pick<LogSource, "read">;
  readonly key: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  /** Where the files go, `<index>.tlog-proof`; made when it is not there. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The log publishes within two seconds. A witness comes by each minute, and a rotation itself waits for one. */
const ROUNDS = 10;
const ROUND_MS = 1_000;

interface Kept {
  /** The entry, as `npm run audit -- list` shows it. */
  readonly line: string;
  readonly cosigned: boolean;
}
/** `later`: not published yet, or the door did not answer. `pruned`: the log does not have the entry any more. */
type Missing = "later" | "pruned";

/**
 * Fetches the proof file of each ceremony and keeps it; those of earlier rotations that were not to be had then as well.
 * Asks for what is missing, or not cosigned, ten times; what is not there by then it says, and goes on.
 * @param ceremonies indices of their entries in the platform's log
 * @throws Error when the log answers a proof that does not hold
 */
export async function keepProofs(ceremonies: readonly number[], keeper: ProofKeeper): Promise<void> {
  mkdirSync(keeper.folder, { recursive: true });
  const wanted = new Map<number, Kept | Missing>();
  for (const index of ceremonies.toSorted((a, b) => a - b)) {
    const kept = await onDisk(index, keeper);
    if (kept === undefined || !kept.cosigned) wanted.set(index, kept ?? "later");
  }
  const open = new Set(wanted.keys());
  for (let round = 0; round < ROUNDS && open.size > 0; round += 1) {
    if (round > 0) await keeper.sleep(ROUND_MS);
    for (const index of open) {
      const found = await fetched(index, keeper);
      // What is not published yet is not so for the entries after it either.
      if (found === "later") break;
      if (found === "pruned" || found.cosigned) open.delete(index);
      if (found !== "pruned" || wanted.get(index) === "later") wanted.set(index, found);
    }
  }
  for (const [index, found] of wanted) keeper.say(told(index, found, keeper));
}

const fileOf = (index: number, { folder }: ProofKeeper): string => join(folder, `${index}.tlog-proof`);

async function onDisk(index: number, keeper: ProofKeeper): Promise<Kept | undefined> {
  const file = fileOf(index, keeper);
  if (!existsSync(file)) return undefined;
  const kept = await read(index, readFileSync(file, "utf8"), keeper);
  return typeof kept === "string" ? undefined : kept;
}

async function fetched(index: number, keeper: ProofKeeper): Promise<Kept | Missing> {
  let bytes: Uint8Array | null;
  try {
    bytes = await keeper.log.read(`proofs/${index}`);
  } catch (error) {
    if (error instanceof OpsError || error instanceof SourceError) return "later";
    throw error;
  }
  if (bytes === null) return "pruned";
  const text = new TextDecoder().decode(bytes);
  const kept = await read(index, text, keeper);
  if (typeof kept === "string") throw new Error(`the proof of entry ${index} does not hold: ${kept}`);
  writeFileSync(fileOf(index, keeper), text);
  return kept;
}

/** What a proof file shows, or what is wrong with it. */
async function read(index: number, text: string, { key, witnesses }: ProofKeeper): Promise<Kept | string> {
  const proved = await verifyProofFile(text, key, witnesses);
  if (!proved.ok) return PROOF_FAULTS[proved.reason];
  if (proved.value.index !== index) return `it is of entry ${proved.value.index}`;
  const line = ENTRIES.platform.line(new TextDecoder().decode(proved.value.entry));
  return { line, cosigned: proved.value.witnesses.length > 0 };
}

function told(index: number, found: Kept | Missing, keeper: ProofKeeper): string {
  const later = `later: npm run audit -- prove ${index} --cell ${keeper.cell}`;
  if (found === "pruned") return `entry ${index} was pruned, with no proof of it kept`;
  if (found === "later") return `entry ${index}: its proof is not to be had yet (${later})`;
  const by = found.cosigned ? "cosigned" : `not cosigned yet; ${later}`;
  return `proof of entry ${index} (${by}): ${fileOf(index, keeper)}\n  ${found.line}`;
}
