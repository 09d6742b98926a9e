import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";

export type Env = Omit<FleetBindings, "AUDIT"> & { readonly AUDIT: AuditAppender };

/** @throws Error naming the first binding, variable or secret that is missing. */
export function checkEnv(env: Env): void {
  requireBindings(env, [
    "FLEET",
    "FIRMWARE",
    "AUDIT",
    "CELL",
    "JURISDICTION",
    "INTERMEDIATE_KEY_PKCS8",
    "INTERMEDIATE_CERTIFICATE",
    "ROOT_CERTIFICATE",
    "STATEMENT_KEY_JWK",
    "CELL_KEY_STATEMENT",
    "FIRMWARE_SIGNER_A_POINT",
    "FIRMWARE_SIGNER_B_POINT",
  ]);
}
