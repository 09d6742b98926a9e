import { WorkerEntrypoint } from "cloudflare:workers";
import type { Appended, AuditAct, AuditAppender, AuditEntry, AuditReader } from "../../protocol/rooms/audit.ts";
import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import { stubOf } from "../../protocol/rooms/objects.ts";
import { fail, ok } from "../../protocol/result.ts";
import { admit } from "./admit.ts";
import { type Env, type Log, bootedEnv } from "./env.ts";
import { SEGMENT, agrees, segmentKey, segmentsIn } from "./segment.ts";

export { AuditLog } from "./log.ts";

const MAX_READ = 1000;

/** Each door is one room's: what it appends carries that room's name. */
export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "sessions");
    return await appendAs("sessions", act, bootedEnv(this.env));
  }
}

export class ForIdentity extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "identity");
    return await appendAs("identity", act, bootedEnv(this.env));
  }
}

export class ForFleet extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "fleet");
    return await appendAs("fleet", act, bootedEnv(this.env));
  }
}

/** Staff acts are appended, and the whole log is read, by way of the ops room. */
export class ForOps extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditReader {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "ops");
    return await appendAs("ops", act, bootedEnv(this.env));
  }

  /** At most 1,000 entries from an index on; each copied segment that they touch is compared with its copy. */
  async read(from: number, limit: number): ReturnType<AuditReader["read"]> {
    requireCaller(this.ctx.props, "ops");
    const env = bootedEnv(this.env);
    const first = clamp(from, 0, Number.MAX_SAFE_INTEGER);
    const { entries, copied, size, head } = await logOf(env).read(first, clamp(limit, 0, MAX_READ));
    const damaged = await damagedCopies(env.TILES, entries, copied);
    const beyond = await copyBeyond(env, size);
    return { entries, size, head, damagedCopies: beyond === null ? damaged : [...damaged, beyond] };
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

/** Failure policy: closed. `unavailable` when the entry is not surely durable, `invalid` when it must not be kept. */
async function appendAs(caller: string, act: AuditAct, env: Env): Promise<Appended> {
  const admitted = admit(act, caller);
  if (!admitted.ok) return admitted;
  try {
    return ok({ index: await logOf(env).append(admitted.value) });
  } catch {
    console.error("audit: an append failed");
    return fail("unavailable");
  }
}

async function damagedCopies(tiles: R2Bucket, entries: readonly AuditEntry[], copied: number): Promise<number[]> {
  const damaged: number[] = [];
  const [from, to] = [entries[0]?.index ?? 0, (entries.at(-1)?.index ?? -1) + 1];
  for (const first of segmentsIn(from, Math.min(to, copied))) {
    const copy = (await (await tiles.get(segmentKey(first)))?.text()) ?? null;
    if (!agrees(copy, first, entries)) damaged.push(first);
  }
  return damaged;
}

/** First index of a copy that holds more than the log does: the object was rolled back. */
async function copyBeyond(env: Env, size: number): Promise<number | null> {
  const first = size - (size % SEGMENT);
  if ((await env.TILES.head(segmentKey(first))) === null) return null;
  // The segment may have been completed and copied since its size was read.
  return (await logOf(env).read(0, 0)).size < first + SEGMENT ? first : null;
}

function logOf(env: Env): Log {
  return stubOf(env.LOG, "platform", env);
}

function clamp(value: number, least: number, most: number): number {
  return Number.isSafeInteger(value) ? Math.min(Math.max(value, least), most) : least;
}
