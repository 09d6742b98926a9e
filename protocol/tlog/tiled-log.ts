import { fail, ok, type Result } from "../result.ts";
import { decodeBundle, encodeBundle, MAX_ENTRY } from "./bundle.ts";
import { sameBytes, utf8, type Bytes } from "../bytes.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { cosignersOf, merged } from "./cosignature.ts";
import { EntryRows } from "./entry-rows.ts";
import { Halted, type HaltReason } from "./halted.ts";
import { HASH, inclusionProof, rangeHash, type Subtree } from "./merkle.ts";
import { formatNote, type Signer, type VerifierKey } from "./note.ts";
import { openLog, type Opened } from "./open-log.ts";
import { formatProofFile } from "./proof-file.ts";
import { announcePruning, removeBundles, type PruneRule } from "./prune.ts";
import { dropPartials, publish } from "./publish.ts";
import { CHECKPOINT, keyOf, type Bucket, type Sql } from "./storage.ts";
import { WIDTH, hashesAt, parseTilePath, type Tile } from "./tile.ts";
import { subtreesOf } from "./tree.ts";

/** How long entries gather before their batch is published. */
const GATHER_MS = 500;
/**
 * Pause between a checkpoint's put and the next batch: R2 takes one write a second to a key. So an entry is in a
 * checkpoint two seconds after its append at the latest, when half a second is enough for publishing.
 */
const CHECKPOINT_MS = 1_000;
/** When a batch that a crash or the bucket's absence held up is tried again. */
const AGAIN_MS = 30_000;
/** Entries of one checkpoint at the most, so that a batch fits in memory. */
const BATCH = 4096;
/** How long a proof waits for its entry's batch. */
const PROOF_WAIT_MS = 5_000;

/** What a log is given by the object that it lives in. */
export interface LogParts {
  readonly sql: Sql;
  readonly bucket: Bucket;
  /** The log's key; its name is the log's origin. */
  readonly signer: () => Promise<Signer>;
  readonly witnesses: () => Promise<readonly VerifierKey[]>;
  /** Has `wake` called once, also after a crash. @param at milliseconds since the epoch */
  readonly arm: (at: number) => void;
  readonly later: (milliseconds: number, work: () => void) => void;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
}

export type CosignRefusal = "invalid" | "conflict";

/**
 * A tiled transparency log with one writer (C2SP tlog-tiles): an entry is one durable row before its index is
 * answered, and its batch is published a moment later. Failure policy: closed. Once halted it appends nothing more.
 */
export class TiledLog {
  readonly #parts: LogParts;
  readonly #rows: EntryRows;
  #opened: Opened | undefined;
  #opening: Promise<Opened> | undefined;
  #halted: HaltReason | undefined;
  /** When a checkpoint was last put, or may have been, milliseconds since the epoch; the one found at the start counts as just put. */
  #putAt: number | undefined;
  /** Publishing is asynchronous, so batches queue. */
  #turn: Promise<void> = Promise.resolve();
  /** Partial tiles go after their batch. */
  #tidied: Promise<void> = Promise.resolve();
  #gathering = false;
  #armed = false;
  #waiting: { readonly index: number; readonly go: () => void }[] = [];

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#rows = new EntryRows(parts.sql);
  }

  /**
   * @returns the entry's index, gapless from 0
   * @throws RangeError, and keeps nothing, when the entry is longer than MAX_ENTRY bytes in UTF-8: it could never be
   * published. Halted, or what the bucket throws at the first append
   */
  async append(entry: string): Promise<number> {
    if (utf8(entry).length > MAX_ENTRY) throw new RangeError(`an entry is over ${MAX_ENTRY} bytes`);
    if (this.#opened === undefined || this.#halted !== undefined) await this.#open();
    const index = this.#rows.append(entry);
    this.#gather();
    return index;
  }

  /** Durable entries from an index on, those not yet sequenced among them, and how many there are. */
  read(from: number, limit: number): { entries: readonly { index: number; entry: string }[]; size: number } {
    const first = Math.max(from, this.#rows.minimum);
    return { entries: this.#rows.read(first, first + limit), size: this.#rows.size };
  }

  /** What C2SP tlog-tiles serves below the log's prefix, and `cosigned` and `minimum` beside it. */
  async resource(path: string): Promise<Result<Bytes, "unknown">> {
    if (path === "minimum") return ok(utf8(`${this.#rows.minimum}\n`));
    if (path === "cosigned") return this.#bestCosigned(0);
    if (path === CHECKPOINT) {
      const found = await this.#parts.bucket.get(CHECKPOINT);
      return found === null ? fail("unknown") : ok(found.bytes);
    }
    const tile = parseTilePath(path);
    const bytes = tile.ok ? await this.#tile(tile.value) : null;
    return bytes === null ? fail("unknown") : ok(bytes);
  }

  /** The proof file of an entry, under the checkpoint that most witnesses cosigned, else under the latest. */
  async proof(index: number): Promise<Result<string, "unknown" | "unavailable">> {
    if (!Number.isSafeInteger(index) || index < this.#rows.minimum || index >= this.#rows.size) return fail("unknown");
    const opened = await this.#sequenced(index);
    const [row] = this.#rows.read(index, index + 1);
    if (opened?.note == null || row === undefined) return fail("unavailable");
    const cosigned = this.#bestCosigned(index + 1);
    const checkpoint = cosigned.ok ? new TextDecoder().decode(cosigned.value) : opened.note;
    const size = Number(checkpoint.split("\n")[1]);
    const proof = await inclusionProof(this.#subtrees(size), index, size);
    return ok(formatProofFile({ entry: utf8(row.entry), index, proof, checkpoint }));
  }

  /**
   * Keeps a checkpoint of this log that a known witness cosigned. `conflict`: this log's key signed it and it is of
   * another tree, so somebody else has the key.
   * @throws Error when the checkpoint may be of a batch whose publishing is not over yet: bring it again
   */
  async addCosignatures(note: string): Promise<Result<{ readonly size: number }, CosignRefusal>> {
    await this.#open();
    const { key } = await this.#parts.signer();
    const checkpoint = await openCheckpoint(note, key);
    if (!checkpoint.ok || checkpoint.value.extensions.length > 0) return fail("invalid");
    const { size, root, note: parsed } = checkpoint.value;
    const cosigners = await cosignersOf(parsed, await this.#parts.witnesses());
    if (!cosigners.ok || cosigners.value.length === 0) return fail("invalid");
    if (!(await this.#published(size, root))) {
      console.error(JSON.stringify({ event: "audit_log_fork_seen", origin: key.name, size }));
      return fail("conflict");
    }
    const ours = parsed.signatures.filter(({ keyId, name }) => keyId === key.keyId && name === key.name).slice(0, 1);
    const earlier = this.#rows.cosigned().find((each) => each.size === size);
    this.#rows.setCosigned(size, formatNote(merged(parsed.text, ours, cosigners.value, earlier?.note)));
    return ok({ size });
  }

  /**
   * Whether this is the published tree's root at a size. A witness may have read the checkpoint of a batch before the
   * bucket's answer is here.
   */
  async #published(size: number, root: Bytes): Promise<boolean> {
    if (size > this.#rows.size) return false;
    const opened = await this.#sequenced(size - 1);
    if (opened === undefined) throw new Error("its batch is not published");
    return sameBytes(await rangeHash(this.#subtrees(opened.tree.size), 0, size), root);
  }

  /** The alarm's: whatever is not published is. */
  async wake(): Promise<void> {
    this.#armed = false;
    await this.#publishAll();
    await this.#tidied;
  }

  /**
   * Removes the oldest whole bundles that the rule lets go; the hashes stay, so every proof of the rest still is made.
   * @returns the indices that went, none when `from` is `to`; fewer than were announced when the bucket failed on the way
   * @throws Error when the entry that says so is not published, and what the bucket throws before any has gone; the next
   * call goes on there
   */
  async prune(rule: PruneRule): Promise<{ readonly from: number; readonly to: number }> {
    const { tree } = await this.#open();
    const from = this.#rows.minimum;
    const to = announcePruning(this.#rows, tree.size, rule);
    if (to === from) return { from, to };
    const { size } = this.#rows;
    await this.#publishAll();
    if ((this.#opened?.tree.size ?? 0) < size) throw new Error("the pruning was not published");
    try {
      await removeBundles(this.#rows, this.#parts.bucket);
    } catch (error) {
      // What has gone is told, so that it is counted; who asks for the rest meets the failure.
      if (this.#rows.minimum === from) throw error;
    }
    return { from, to: this.#rows.minimum };
  }

  #gather(): void {
    if (!this.#armed) {
      this.#armed = true;
      this.#parts.arm(this.#parts.now() + AGAIN_MS);
    }
    if (this.#gathering) return;
    this.#gathering = true;
    this.#parts.later(GATHER_MS, () => void this.#publishAll());
  }

  #publishAll(): Promise<void> {
    this.#gathering = false;
    this.#turn = this.#turn.then(() => this.#publishBatches());
    return this.#turn;
  }

  async #publishBatches(): Promise<void> {
    try {
      let opened = await this.#open();
      while (opened.tree.size < this.#rows.size) {
        await this.#paced();
        const size = Math.min(this.#rows.size, opened.tree.size + BATCH);
        const { bucket, signer, now } = this.#parts;
        const publishing = publish(opened, size, this.#rows, bucket, await signer());
        const batch = await publishing.finally(() => (this.#putAt = now()));
        this.#opened = opened = batch.opened;
        this.#release(opened.tree.size);
        // Neither the next batch nor who reads this one waits for it.
        this.#tidied = this.#tidied.then(() => dropPartials(bucket, batch.filled));
      }
    } catch (error) {
      if (error instanceof Halted) return this.#halt(error);
      // Whether the checkpoint was written is not known, so what is published is read again before the next step.
      this.#opened = undefined;
      console.error(JSON.stringify({ event: "audit_log_not_published", error: (error as Error).name }));
      this.#armed = true;
      this.#parts.arm(this.#parts.now() + AGAIN_MS);
    }
  }

  /** Before a batch is read, so that what is appended meanwhile is in it. */
  async #paced(): Promise<void> {
    if (this.#putAt === undefined) return;
    const left = this.#putAt + CHECKPOINT_MS - this.#parts.now();
    if (left > 0) await this.#parts.pause(Math.min(left, CHECKPOINT_MS));
  }

  async #open(): Promise<Opened> {
    if (this.#halted !== undefined) throw new Halted(this.#halted);
    if (this.#opened !== undefined) return this.#opened;
    this.#opening ??= this.#compared();
    return this.#opening;
  }

  async #compared(): Promise<Opened> {
    try {
      const { key } = await this.#parts.signer();
      this.#opened = await openLog(this.#rows, this.#parts.bucket, key, (tile) => this.#tile(tile));
      if (this.#opened.etag !== null) this.#putAt ??= this.#parts.now();
      if (this.#opened.tree.size < this.#rows.size) this.#gather();
      return this.#opened;
    } catch (error) {
      if (error instanceof Halted) this.#halt(error);
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }

  /** Loud, and for good: only a new look at the store, after a restart, can undo it. */
  #halt({ reason }: Halted): void {
    this.#halted = reason;
    this.#release(Number.POSITIVE_INFINITY);
    const { size, minimum } = this.#rows;
    console.error(JSON.stringify({ event: "audit_log_halted", reason, size, minimum }));
  }

  async #sequenced(index: number): Promise<Opened | undefined> {
    const opened = await this.#open();
    if (opened.tree.size > index) return opened;
    this.#gather();
    await new Promise<void>((go) => {
      this.#waiting.push({ index, go });
      this.#parts.later(PROOF_WAIT_MS, go);
    });
    return this.#opened !== undefined && this.#opened.tree.size > index ? this.#opened : undefined;
  }

  #release(size: number): void {
    for (const { index, go } of this.#waiting) if (index < size) go();
    this.#waiting = this.#waiting.filter(({ index }) => index >= size);
  }

  /** Of at least `size` entries: the one with the most signatures, of those the largest. */
  #bestCosigned(size: number): Result<Bytes, "unknown"> {
    const lines = (note: string): number => note.split("\n").length;
    const [best] = this.#rows
      .cosigned()
      .filter((each) => each.size >= size)
      .toSorted((a, b) => lines(b.note) - lines(a.note) || b.size - a.size);
    return best === undefined ? fail("unknown") : ok(utf8(best.note));
  }

  #subtrees(size: number): Subtree {
    return subtreesOf(async (tile) => {
      const bytes = await this.#tile(tile);
      if (bytes === null) throw new Halted("tiles_damaged");
      return bytes;
    }, size);
  }

  /** A tile's or a bundle's bytes, no pruned bundle's; a partial one that is gone is cut from the full one. */
  async #tile(tile: Tile): Promise<Bytes | null> {
    if (tile.level === "entries" && tile.index * WIDTH + tile.width <= this.#rows.minimum) return null;
    const found = await this.#parts.bucket.get(keyOf(tile));
    if (found !== null || tile.width === WIDTH) return found?.bytes ?? null;
    if (hashesAt(tile.level === "entries" ? 0 : tile.level, this.#rows.size) < (tile.index + 1) * WIDTH) return null;
    const full = await this.#parts.bucket.get(keyOf({ ...tile, width: WIDTH }));
    if (full === null) return null;
    if (tile.level !== "entries") return full.bytes.slice(0, tile.width * HASH);
    const entries = decodeBundle(full.bytes, WIDTH);
    return entries.ok ? encodeBundle(entries.value.slice(0, tile.width)) : null;
  }
}
