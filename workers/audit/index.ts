import type { AuditPruner, AuditReader } from "../../protocol/rooms/audit.ts";
import { requireCaller } from "../../protocol/rooms/boot.ts";
import { fail, ok } from "../../protocol/result.ts";
import { Door, answered, logOf } from "./door.ts";

export { AuditLog } from "./log.ts";

const MAX_READ = 1000;
/** Longer than any path of a tile. */
const MAX_PATH = 80;
const MAX_NOTE = 16_384;

/** The sessions room's objects act for carts and staff, and one of them holds the retention schedule. */
export class ForSessions extends Door implements AuditPruner {
  readonly caller = "sessions";

  async prune(now: number): ReturnType<AuditPruner["prune"]> {
    requireCaller(this.ctx.props, this.caller);
    if (!Number.isSafeInteger(now) || now < 0) return fail("unavailable");
    return answered("prune", async () => ok(await logOf(this.env).prune(now)));
  }
}

export class ForIdentity extends Door {
  readonly caller = "identity";
}

export class ForFleet extends Door {
  readonly caller = "fleet";
}

/** Staff acts are appended, and the whole log is read, by way of the ops room. */
export class ForOps extends Door implements AuditReader {
  readonly caller = "ops";

  /** At most 1,000 entries from an index on. @throws when the log does not answer */
  async read(from: number, limit: number): ReturnType<AuditReader["read"]> {
    requireCaller(this.ctx.props, this.caller);
    return logOf(this.env).read(clamp(from, 0, Number.MAX_SAFE_INTEGER), clamp(limit, 0, MAX_READ));
  }

  async resource(path: string): ReturnType<AuditReader["resource"]> {
    requireCaller(this.ctx.props, this.caller);
    if (typeof path !== "string" || path.length > MAX_PATH) return fail("unknown");
    return answered("resource", () => logOf(this.env).resource(path));
  }

  async addCosignatures(note: string): ReturnType<AuditReader["addCosignatures"]> {
    requireCaller(this.ctx.props, this.caller);
    if (typeof note !== "string" || note.length > MAX_NOTE) return fail("invalid");
    return answered("cosignatures", () => logOf(this.env).addCosignatures(note));
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

function clamp(value: number, least: number, most: number): number {
  return Number.isSafeInteger(value) ? Math.min(Math.max(value, least), most) : least;
}
