import { DurableObject } from "cloudflare:workers";
import type { AuditAct, AuditEntry, AuditReader, PrunedEntries } from "../../protocol/rooms/audit.ts";
import type { Result } from "../../protocol/result.ts";
import { prunableBefore } from "../../protocol/tlog/keeping.ts";
import { witnessKeys } from "../../protocol/tlog/keys.ts";
import { ED25519, signerOf, type Signer, type VerifierKey } from "../../protocol/tlog/note.ts";
import { bucketOf } from "../../protocol/tlog/storage.ts";
import { TiledLog, type CosignRefusal } from "../../protocol/tlog/tiled-log.ts";
import { actOf, leafOf, pruningOf } from "./entry.ts";
import type { Env } from "./env.ts";

/**
 * The one writer of a cell's log. An entry is one row; the answer leaves only when the row is durable (output gate).
 * Failure policy: closed. When the row can't be written, or the log is halted, the call throws, and the entrypoint
 * says `unavailable`.
 */
export class AuditLog extends DurableObject<Env> {
  readonly #log: TiledLog;
  #signer: Signer | undefined;
  #witnesses: readonly VerifierKey[] | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = new TiledLog({
      sql: ctx.storage.sql,
      bucket: bucketOf(env.TILES),
      signer: async () => (this.#signer ??= await signerOf(env.LOG_ORIGIN, ED25519, env.AUDIT_SIGNING_JWK)),
      witnesses: async () => (this.#witnesses ??= await witnessKeys(env.AUDIT_WITNESS_KEYS)),
      arm: (at) => void ctx.storage.setAlarm(at),
      later: (milliseconds, work) => void setTimeout(work, milliseconds),
      pause: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
      now: () => Date.now(),
    });
  }

  /** @param act already admitted; @returns the entry's index, gapless from 0 */
  append(act: AuditAct): Promise<number> {
    return this.#log.append(leafOf(act));
  }

  async read(from: number, limit: number): ReturnType<AuditReader["read"]> {
    const { entries, size } = this.#log.read(from, limit);
    return { entries: entries.map(({ index, entry }): AuditEntry => ({ ...actOf(entry), index })), size };
  }

  resource(path: string): Promise<Result<Uint8Array, "unknown">> {
    return this.#log.resource(path);
  }

  proof(index: number): Promise<Result<string, "unknown" | "unavailable">> {
    return this.#log.proof(index);
  }

  addCosignatures(note: string): Promise<Result<{ readonly size: number }, CosignRefusal>> {
    return this.#log.addCosignatures(note);
  }

  async prune(now: number): Promise<PrunedEntries> {
    const gone = await this.#log.prune({
      timeOf: (leaf) => actOf(leaf).when,
      before: prunableBefore(now),
      act: (from, to) => leafOf(pruningOf(from, to, now)),
    });
    const [first] = this.#log.read(gone.to, 1).entries;
    return { ...gone, oldestLeft: first === undefined ? null : actOf(first.entry).when };
  }

  override async alarm(): Promise<void> {
    await this.#log.wake();
  }
}
