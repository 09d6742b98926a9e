import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";
import type { Cell } from "../../protocol/ids.ts";

export type Env = Omit<IdentityBindings, "AUDIT"> & { readonly AUDIT: AuditAppender };

/** @throws Error naming the first binding, variable or secret that is missing, or the one of a wrong form. */
export function checkEnv(env: Env): Cell {
  requireBindings(env, [
    "CELL",
    "JURISDICTION",
    "ENTITIES",
    "PERSONS",
    "PERSON_KEYS",
    "AUDIT",
    "IDENTITY_KEK",
    "IDENTITY_INDEX_KEY",
    "IDENTITY_TOMBSTONE_KEY",
    "CDE_VERIFICATION_JWK",
    "STAFF_AUTHORITY_JWK",
    "RAW_READ_KEY",
  ]);
  if (env.CELL !== "us" && env.CELL !== "eu") throw new Error("binding CELL is not a cell");
  return env.CELL;
}
