import { parseAddCheckpoint } from "../../protocol/tlog/add-checkpoint.ts";
import { sameBytes } from "../../protocol/bytes.ts";
import { openCheckpoint, parseCheckpoint, type SignedCheckpoint } from "../../protocol/tlog/checkpoint.ts";
import { cosign } from "../../protocol/tlog/cosignature.ts";
import { emptyRoot, extendsTree } from "../../protocol/tlog/merkle.ts";
import {
  formatNote,
  formatSignature,
  parseNote,
  type NoteSignature,
  type Signer,
  type VerifierKey,
} from "../../protocol/tlog/note.ts";

/** The latest checkpoint of each log that was cosigned: what makes a witness. Durable before `put` resolves. */
export interface WitnessStore {
  /** The note, with the log's signature and the cosignature; null: never cosigned. */
  get(origin: string): Promise<string | null>;
  put(origin: string, note: string): Promise<void>;
}

/** An answer of C2SP tlog-witness. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";

/** Cosigns what follows from what it has cosigned, and nothing else (C2SP tlog-witness, add-checkpoint). */
export class Witness {
  readonly #signer: Signer;
  readonly #logs: readonly VerifierKey[];
  readonly #store: WitnessStore;
  readonly #now: () => number;
  /** Comparing and keeping are one step: two requests at once could else roll a log back. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param logs the keys of the logs that it watches, by origin; @param now milliseconds since the epoch */
  constructor(signer: Signer, logs: readonly VerifierKey[], store: WitnessStore, now: () => number) {
    this.#signer = signer;
    this.#logs = logs;
    this.#store = store;
    this.#now = now;
  }

  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const mine = this.#turn.then(() => this.#add(body));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** The latest cosigned checkpoint of a log; null: none. */
  async latest(origin: string): Promise<string | null> {
    return this.#logs.some(({ name }) => name === origin) ? this.#store.get(origin) : null;
  }

  get origins(): readonly string[] {
    return this.#logs.map(({ name }) => name);
  }

  async #add(body: string): Promise<WitnessAnswer> {
    const request = parseAddCheckpoint(body);
    if (!request.ok) return refuse(400, "malformed request");
    const { oldSize, proof, note } = request.value;
    const parsed = parseNote(note);
    const stated = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
    if (!stated.ok) return refuse(400, "malformed checkpoint");
    const keys = this.#logs.filter(({ name }) => name === stated.value.origin);
    if (keys.length === 0) return refuse(404, "unknown log");
    const checkpoint = await signedByOneOf(note, keys);
    if (checkpoint === undefined) return refuse(403, "not signed by the log");
    if (oldSize > checkpoint.size) return refuse(400, "the old size is above the new");
    const known = await this.#known(checkpoint.origin);
    if (oldSize !== known.size) return { status: 409, type: "text/x.tlog.size", body: `${known.size}\n` };
    if (checkpoint.size === 0 && !sameBytes(checkpoint.root, await emptyRoot()))
      return refuse(422, "not the empty tree");
    if (!(await extendsTree(known, checkpoint, proof))) {
      console.error(JSON.stringify({ event: "inconsistent_checkpoint", origin: checkpoint.origin, note }));
      return refuse(422, "not consistent with what was cosigned before");
    }
    const line = await cosign(checkpoint.note.text, Math.floor(this.#now() / 1000), this.#signer);
    await this.#store.put(checkpoint.origin, withLine(checkpoint, keys, line));
    return { status: 200, type: TEXT, body: formatSignature(line) };
  }

  /** @throws Error when what was kept can't be read: no answer is better than a fork */
  async #known(origin: string): Promise<{ size: number; root: Uint8Array }> {
    const kept = await this.#store.get(origin);
    if (kept === null) return { size: 0, root: await emptyRoot() };
    const note = parseNote(kept);
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
    if (!checkpoint.ok || checkpoint.value.origin !== origin)
      throw new Error(`the kept checkpoint of ${origin} is damaged`);
    return checkpoint.value;
  }
}

function refuse(status: 400 | 403 | 404 | 422, why: string): WitnessAnswer {
  return { status, type: TEXT, body: `${why}\n` };
}

/** undefined: signed by none of them, or a known key's signature does not verify. */
async function signedByOneOf(note: string, keys: readonly VerifierKey[]): Promise<SignedCheckpoint | undefined> {
  let good: SignedCheckpoint | undefined;
  const parsed = parseNote(note);
  for (const key of keys) {
    const named =
      parsed.ok && parsed.value.signatures.some(({ keyId, name }) => keyId === key.keyId && name === key.name);
    if (!named) continue;
    const opened = await openCheckpoint(note, key);
    if (!opened.ok) return undefined;
    good = opened.value;
  }
  return good;
}

function withLine({ note }: SignedCheckpoint, keys: readonly VerifierKey[], line: NoteSignature): string {
  const ofLog = note.signatures.filter(({ name, keyId }) =>
    keys.some((key) => key.name === name && key.keyId === keyId),
  );
  return formatNote({ text: note.text, signatures: [...ofLog, line] });
}
