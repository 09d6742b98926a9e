import { requireBindings } from "../../protocol/rooms/boot.ts";
import type { ObjectNamespace } from "../../protocol/rooms/objects.ts";
import type { AuditLog } from "./log.ts";

/** What the room needs of its one writer object. */
export type Log = Pick<AuditLog, "append" | "read" | "resource" | "proof" | "addCosignatures" | "prune">;

export type Env = Omit<AuditBindings, "LOG"> & { readonly LOG: ObjectNamespace<Log> };

/** @throws Error naming the binding that is missing. */
export function bootedEnv(env: Env): Env {
  requireBindings(env, [
    "CELL",
    "JURISDICTION",
    "LOG",
    "TILES",
    "LOG_ORIGIN",
    "AUDIT_SIGNING_JWK",
    "AUDIT_WITNESS_KEYS",
  ]);
  return env;
}
