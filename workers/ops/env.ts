import type { Cell } from "../../protocol/ids.ts";
import type { AuditAppender, AuditProver, AuditReader } from "../../protocol/rooms/audit.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";
import type { FleetForOps } from "../../protocol/rooms/fleet.ts";
import type { IdentityForOps, IdentityForRestores } from "../../protocol/rooms/identity.ts";
import type { IdentityForKeys } from "../../protocol/rooms/key-rotation.ts";
import type { ObjectNamespace } from "../../protocol/rooms/objects.ts";
import type { IdentityForPrivacyOps, PrivacyForOps } from "../../protocol/rooms/privacy-doors.ts";
import type { IdentityForRawReads } from "../../protocol/rooms/raw-read.ts";
import type { SessionsForOps } from "../../protocol/rooms/sessions.ts";
import type { StoresForOps } from "../../protocol/rooms/stores.ts";
import type { TelemetryForOps } from "../../protocol/rooms/telemetry.ts";
import type { ReviewDesk } from "./review-desk.ts";

/** The generated bindings with the contract of each room that is called. */
export type Env = Omit<
  OpsBindings,
  "TRIPS" | "IDENTITY" | "STORES" | "FLEET" | "TELEMETRY" | "AUDIT" | "CELL" | "REVIEW_DESK"
> & {
  readonly CELL: Cell;
  readonly REVIEW_DESK: ObjectNamespace<Desk>;
  readonly TRIPS: SessionsForOps & PrivacyForOps;
  readonly IDENTITY: IdentityForOps &
    IdentityForRestores &
    IdentityForRawReads &
    IdentityForPrivacyOps &
    IdentityForKeys;
  readonly STORES: StoresForOps;
  readonly FLEET: FleetForOps;
  readonly TELEMETRY: TelemetryForOps;
  readonly AUDIT: AuditReader & AuditAppender & AuditProver;
};

/** What the door asks of the one review desk. */
type Desk = Pick<ReviewDesk, "nudge" | "open">;

/** @throws Error naming the first binding, variable or secret that is missing. */
export function checkEnv(env: Env): void {
  requireBindings(env, [
    "CELL",
    "JURISDICTION",
    "TIME_ZONE",
    "PEER_STAFF_JWKS",
    "STAFF_VERIFICATION_JWK",
    "STAFF_AUTHORITY_JWK",
    "STAFF_DB",
    "REVIEW_DESK",
    "REFUSAL_LIMIT",
    "TRIPS",
    "IDENTITY",
    "STORES",
    "FLEET",
    "TELEMETRY",
    "AUDIT",
  ]);
}
