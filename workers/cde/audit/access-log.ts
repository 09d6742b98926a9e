import { DurableObject } from "cloudflare:workers";
import type { Result } from "../../../protocol/result.ts";
import { prunableBefore } from "../../../protocol/tlog/keeping.ts";
import { witnessKeys } from "../../../protocol/tlog/keys.ts";
import { ED25519, signerOf, type Signer, type VerifierKey } from "../../../protocol/tlog/note.ts";
import { bucketOf } from "../../../protocol/tlog/storage.ts";
import { TiledLog, type CosignRefusal } from "../../../protocol/tlog/tiled-log.ts";
import type { Env } from "../boot.ts";
import { entryOf, leafOf, pruningOf, type AccessEntry } from "../../../protocol/pay/access-entry.ts";

/** What the environment needs of its one writer object. */
export type AccessLogObject = Pick<AccessLog, "append" | "resource" | "proof" | "addCosignatures" | "prune">;

/**
 * The one writer of the environment's access log, a transparency log as the platform's is. Failure policy: closed.
 * An append that throws has the request answered with an error before a card is read.
 */
export class AccessLog extends DurableObject<Env> {
  readonly #log: TiledLog;
  #signer: Signer | undefined;
  #witnesses: readonly VerifierKey[] | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = new TiledLog({
      sql: ctx.storage.sql,
      bucket: bucketOf(env.ACCESS_TILES),
      signer: async () => (this.#signer ??= await signerOf(env.LOG_ORIGIN, ED25519, env.ACCESS_LOG_SIGNING_JWK)),
      witnesses: async () => (this.#witnesses ??= await witnessKeys(env.ACCESS_LOG_WITNESS_KEYS)),
      arm: (at) => void ctx.storage.setAlarm(at),
      later: (milliseconds, work) => void setTimeout(work, milliseconds),
      pause: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
      now: () => Date.now(),
    });
  }

  /** @returns the entry's index, gapless from 0, once it is durable */
  append(entry: AccessEntry): Promise<number> {
    return this.#log.append(leafOf(entry));
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

  /** Removes whole bundles that are over 13 months old and no lock holds; the log says so before. */
  prune(now: number): Promise<{ readonly from: number; readonly to: number }> {
    return this.#log.prune({
      timeOf: (leaf) => entryOf(leaf).at,
      before: prunableBefore(now),
      act: (_from, to) => leafOf(pruningOf(to, now)),
    });
  }

  override async alarm(): Promise<void> {
    await this.#log.wake();
  }
}

/**
 * The cell's access log, pinned to it when deployed and plain only when the configuration says `local`.
 * @throws Error when JURISDICTION is neither.
 */
export function accessLog(env: Env): AccessLogObject {
  const namespace = env.ACCESS_LOG as unknown as DurableObjectNamespace<AccessLog>;
  if (env.JURISDICTION === "local") return namespace.getByName("cde") as unknown as AccessLogObject;
  if (env.JURISDICTION !== env.CELL || (env.CELL !== "us" && env.CELL !== "eu"))
    throw new Error(`JURISDICTION ${env.JURISDICTION} is not cell ${env.CELL}`);
  const pinned = namespace.jurisdiction(env.CELL as DurableObjectJurisdiction).getByName("cde");
  return pinned as unknown as AccessLogObject;
}
