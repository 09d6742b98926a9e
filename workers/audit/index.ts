import { WorkerEntrypoint } from "cloudflare:workers";
import type {
  Appended,
  AuditAct,
  AuditAppender,
  AuditProver,
  AuditPruner,
  AuditReader,
  Proven,
} from "../../protocol/rooms/audit.ts";
import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import { fail, ok } from "../../protocol/result.ts";
import { answered, appendAs, logOf, proofOf } from "./door.ts";
import type { Env } from "./env.ts";

export { AuditLog } from "./log.ts";

const MAX_READ = 1000;
/** Longer than any path of a tile. */
const MAX_PATH = 80;
const MAX_NOTE = 16_384;

/**
 * Each door is one room's: what it appends carries that room's name. The sessions room's objects act for carts and
 * staff, and one of them holds the retention schedule.
 */
export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditProver, AuditPruner {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "sessions");
    return appendAs("sessions", act, this.env);
  }

  async proof(index: number): Promise<Proven> {
    requireCaller(this.ctx.props, "sessions");
    return proofOf(index, this.env);
  }

  async prune(now: number): ReturnType<AuditPruner["prune"]> {
    requireCaller(this.ctx.props, "sessions");
    if (!Number.isSafeInteger(now) || now < 0) return fail("unavailable");
    return answered("prune", async () => ok(await logOf(this.env).prune(now)));
  }
}

export class ForIdentity extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditProver {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "identity");
    return appendAs("identity", act, this.env);
  }

  async proof(index: number): Promise<Proven> {
    requireCaller(this.ctx.props, "identity");
    return proofOf(index, this.env);
  }
}

export class ForFleet extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditProver {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "fleet");
    return appendAs("fleet", act, this.env);
  }

  async proof(index: number): Promise<Proven> {
    requireCaller(this.ctx.props, "fleet");
    return proofOf(index, this.env);
  }
}

/** Staff acts are appended, and the whole log is read, by way of the ops room. */
export class ForOps extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditProver, AuditReader {
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, "ops");
    return appendAs("ops", act, this.env);
  }

  async proof(index: number): Promise<Proven> {
    requireCaller(this.ctx.props, "ops");
    return proofOf(index, this.env);
  }

  /** At most 1,000 entries from an index on. @throws when the log does not answer */
  async read(from: number, limit: number): ReturnType<AuditReader["read"]> {
    requireCaller(this.ctx.props, "ops");
    return logOf(this.env).read(clamp(from, 0, Number.MAX_SAFE_INTEGER), clamp(limit, 0, MAX_READ));
  }

  async resource(path: string): ReturnType<AuditReader["resource"]> {
    requireCaller(this.ctx.props, "ops");
    if (typeof path !== "string" || path.length > MAX_PATH) return fail("unknown");
    return answered("resource", () => logOf(this.env).resource(path));
  }

  async addCosignatures(note: string): ReturnType<AuditReader["addCosignatures"]> {
    requireCaller(this.ctx.props, "ops");
    if (typeof note !== "string" || note.length > MAX_NOTE) return fail("invalid");
    return answered("cosignatures", () => logOf(this.env).addCosignatures(note));
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

function clamp(value: number, least: number, most: number): number {
  return Number.isSafeInteger(value) ? Math.min(Math.max(value, least), most) : least;
}
