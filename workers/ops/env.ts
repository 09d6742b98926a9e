import type { AuditAppender, AuditReader } from "../../protocol/rooms/audit.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";
import type { FleetForOps } from "../../protocol/rooms/fleet.ts";
import type { IdentityForOps } from "../../protocol/rooms/identity.ts";
import type { SessionsForOps } from "../../protocol/rooms/sessions.ts";
import type { StoresForOps } from "../../protocol/rooms/stores.ts";
import type { TelemetryForOps } from "../../protocol/rooms/telemetry.ts";

/** The generated bindings with the contract of each room that is called. */
export type Env = Omit<OpsBindings, "TRIPS" | "IDENTITY" | "STORES" | "FLEET" | "TELEMETRY" | "AUDIT"> & {
  readonly TRIPS: SessionsForOps;
  readonly IDENTITY: IdentityForOps;
  readonly STORES: StoresForOps;
  readonly FLEET: FleetForOps;
  readonly TELEMETRY: TelemetryForOps;
  readonly AUDIT: AuditReader & AuditAppender;
};

/** @throws Error naming the first binding, variable or secret that is missing. */
export function checkEnv(env: Env): void {
  requireBindings(env, [
    "CELL",
    "JURISDICTION",
    "STAFF_VERIFICATION_JWK",
    "TRIPS",
    "IDENTITY",
    "STORES",
    "FLEET",
    "TELEMETRY",
    "AUDIT",
  ]);
}
