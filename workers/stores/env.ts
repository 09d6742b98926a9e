import { requireBindings } from "../../protocol/rooms/boot.ts";

export type Env = StoresBindings;

/** @throws Error naming the first binding that is missing. */
export function checkEnv(env: Env): void {
  requireBindings(env, ["CELL", "JURISDICTION", "RETAIL", "RECEIPTS", "POS_HOSTS", "POS_KEY"]);
}
