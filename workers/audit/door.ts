import type { Appended, AuditAct, Proven } from "../../protocol/rooms/audit.ts";
import { stubOf } from "../../protocol/rooms/objects.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { admit } from "./admit.ts";
import { type Env, type Log, bootedEnv } from "./env.ts";

/** Failure policy: closed. `unavailable` when the entry is not surely durable, `invalid` when it must not be kept. */
export async function appendAs(caller: string, act: AuditAct, env: Env): Promise<Appended> {
  const admitted = admit(act, caller);
  if (!admitted.ok) return admitted;
  return answered("append", async () => ok({ index: await logOf(env).append(admitted.value) }));
}

/** Failure policy: whoever asked hands out the proof later; the entry itself is durable all the same. */
export async function proofOf(index: number, env: Env): Promise<Proven> {
  return answered("proof", () => logOf(env).proof(index));
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
