import { requireBindings } from "../../protocol/rooms/boot.ts";

export type Env = TelemetryBindings;

/** @throws Error naming the binding that is missing. */
export function bootedEnv(env: Env): Env {
  requireBindings(env, ["CELL", "JURISDICTION", "SEGMENTS", "TELEMETRY_DB"]);
  return env;
}
