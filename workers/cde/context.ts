import type { Env, Machine } from "./boot.ts";

/** What every route finds: the bindings, and the keys that were checked before it. */
export interface CdeContext {
  readonly Bindings: Env;
  readonly Variables: { machine: Machine };
}
