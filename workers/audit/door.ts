import type { Appended, AuditAct, AuditAppender, AuditProver, Proven } from "../../protocol/rooms/audit.ts";
import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import { stubOf } from "../../protocol/rooms/objects.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { WorkerEntrypoint } from "cloudflare:workers";
import { admit } from "./admit.ts";
import { type Env, type Log, bootedEnv } from "./env.ts";

/** A door is one room's: what it appends carries that room's name, and only that room may ask here for a proof. */
export abstract class Door extends WorkerEntrypoint<Env, CallerProps> implements AuditAppender, AuditProver {
  abstract readonly caller: string;

  /** Failure policy: closed. `unavailable` when the entry is not surely durable, `invalid` when it must not be kept. */
  async append(act: AuditAct): Promise<Appended> {
    requireCaller(this.ctx.props, this.caller);
    const admitted = admit(act, this.caller);
    if (!admitted.ok) return admitted;
    return answered("append", async () => ok({ index: await logOf(this.env).append(admitted.value) }));
  }

  /** Failure policy: whoever asked hands out the proof later; the entry itself is durable all the same. */
  async proof(index: number): Promise<Proven> {
    requireCaller(this.ctx.props, this.caller);
    return answered("proof", () => logOf(this.env).proof(index));
  }
}

/** The object's throw is its refusal to go on, or its absence: both are `unavailable` outside. */
export async function answered<T, R extends string>(
  what: string,
  work: () => Promise<Result<T, R>>,
): Promise<Result<T, R | "unavailable">> {
  try {
    return await work();
  } catch {
    console.error(JSON.stringify({ event: "audit_unavailable", what }));
    return fail("unavailable");
  }
}

export function logOf(env: Env): Log {
  const { LOG } = bootedEnv(env);
  return stubOf(LOG, "platform", env);
}
