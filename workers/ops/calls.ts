import { PEOPLE_CALLS } from "./people-calls.ts";
import { PRIVACY_CALLS } from "./privacy-calls.ts";
import type { StaffRole } from "./staff-token.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  /** `:name` stands for a part that the caller fills in. */
  readonly path: string;
  readonly roles: readonly StaffRole[];
  readonly what: string;
  /** Staff of the other cell may make it, too: the handler says what they see. */
  readonly foreign?: true;
}

const provisioning = ["provisioning"] as const;
const staff = ["staff"] as const;

/** Every call of the origin: who may make it, and what it does. The routes and the front page are made from it. */
export const CALLS = {
  putStore: {
    method: "PUT",
    path: "/admin/v1/stores/:store",
    roles: provisioning,
    what: "Create a store or change it",
  },
  importCatalogue: {
    method: "POST",
    path: "/admin/v1/stores/:store/catalogue",
    roles: provisioning,
    what: "Import a catalogue (text/csv, 5 MB at most)",
  },
  putBeacon: {
    method: "PUT",
    path: "/admin/v1/stores/:store/beacons/:beacon",
    roles: provisioning,
    what: "Register a store beacon's public key",
  },
  addLoyaltyFormat: {
    method: "POST",
    path: "/admin/v1/loyalty-formats",
    roles: provisioning,
    what: "Register a retailer's loyalty number format",
  },
  importMembers: { method: "POST", path: "/admin/v1/members", roles: provisioning, what: "Add loyalty members" },
  replayTombstones: {
    method: "POST",
    path: "/admin/v1/tombstones/replay",
    roles: provisioning,
    what: "After a database was restored: remove who was erased since (from: null, then the answer's next)",
  },
  identityKeys: {
    method: "GET",
    path: "/admin/v1/identity-keys",
    roles: ["provisioning", "auditor"],
    what: "List the versions of identity's keys and what is under each",
  },
  rotateIdentityKeys: {
    method: "POST",
    path: "/admin/v1/identity-keys/rotation",
    roles: provisioning,
    what: "Move what is under an older key, one step (from: null, then the answer's next)",
  },
  retireIdentityKey: {
    method: "POST",
    path: "/admin/v1/identity-keys/retirement",
    roles: provisioning,
    what: "Retire a version of a key that nothing needs any more",
  },
  importManifest: {
    method: "POST",
    path: "/admin/v1/fleet/manifest",
    roles: provisioning,
    what: "List what the factory made",
  },
  enrol: {
    method: "POST",
    path: "/admin/v1/fleet/enrolments",
    roles: provisioning,
    what: "Enrol a cart by its certification request",
  },
  assign: {
    method: "PUT",
    path: "/admin/v1/fleet/carts/:serial/assignment",
    roles: provisioning,
    what: "Assign a cart to a store",
  },
  revoke: {
    method: "POST",
    path: "/admin/v1/fleet/carts/:serial/revocation",
    roles: provisioning,
    what: "Revoke a cart for good",
  },
  readPolicy: {
    method: "GET",
    path: "/admin/v1/fleet/policy",
    roles: provisioning,
    what: "See what carts must attest",
  },
  setPolicy: {
    method: "PUT",
    path: "/admin/v1/fleet/policy",
    roles: provisioning,
    what: "Set what carts must attest",
  },
  putFirmwareImage: {
    method: "PUT",
    path: "/admin/v1/firmware/images/:digest",
    roles: provisioning,
    what: "Keep a firmware image under its SHA-256 (application/octet-stream)",
  },
  publishFirmware: {
    method: "POST",
    path: "/admin/v1/firmware/releases",
    roles: provisioning,
    what: "Publish a firmware release: a manifest that two signers signed",
  },
  listFirmware: {
    method: "GET",
    path: "/admin/v1/firmware/overview",
    roles: ["provisioning", "auditor"],
    what: "List firmware releases and rollouts",
  },
  startRollout: {
    method: "POST",
    path: "/admin/v1/firmware/rollouts",
    roles: provisioning,
    what: "Offer a release to stores' carts",
  },
  changeRollout: {
    method: "PUT",
    path: "/admin/v1/firmware/rollouts/:rollout",
    roles: provisioning,
    what: "Pause, resume or end a rollout",
  },
  readAudit: {
    method: "GET",
    path: "/admin/v1/audit/entries",
    roles: ["auditor"],
    what: "Read the audit log (from, limit)",
  },
  auditCheckpoint: {
    method: "GET",
    path: "/admin/v1/audit/checkpoint",
    roles: ["auditor", "witness"],
    what: "The audit log's signed checkpoint (C2SP tlog-checkpoint)",
  },
  auditCosigned: {
    method: "GET",
    path: "/admin/v1/audit/cosigned",
    roles: ["auditor", "witness"],
    what: "The checkpoint that most witnesses cosigned",
  },
  auditMinimum: {
    method: "GET",
    path: "/admin/v1/audit/minimum",
    roles: ["auditor", "witness"],
    what: "The index below which the audit log was pruned",
  },
  auditEntryBundle: {
    method: "GET",
    path: "/admin/v1/audit/tile/entries/:bundle{.+}",
    roles: ["auditor"],
    what: "A bundle of entries of the audit log (C2SP tlog-tiles)",
  },
  auditTile: {
    method: "GET",
    path: "/admin/v1/audit/tile/:tile{.+}",
    roles: ["auditor", "witness"],
    what: "A tile of the audit log: hashes alone (C2SP tlog-tiles)",
  },
  proveEntry: {
    method: "GET",
    path: "/admin/v1/audit/proofs/:index",
    roles: ["auditor"],
    what: "The proof file of an entry (C2SP tlog-proof)",
  },
  cosignAudit: {
    method: "POST",
    path: "/admin/v1/audit/cosignatures",
    roles: ["auditor", "witness"],
    what: "Bring a checkpoint that a witness cosigned (text/plain)",
  },
  listIncidents: {
    method: "GET",
    path: "/admin/v1/incidents",
    roles: ["auditor"],
    what: "List where card numbers were refused (from, limit)",
  },
  dailyTelemetry: {
    method: "GET",
    path: "/admin/v1/telemetry/:store/:day",
    roles: ["staff", "auditor"],
    what: "A store's day in numbers",
  },
  viewSession: {
    method: "GET",
    path: "/staff/v1/sessions/:session",
    roles: staff,
    what: "See a trip's basket and holds",
  },
  clearHold: {
    method: "POST",
    path: "/staff/v1/sessions/:session/holds/:hold/clear",
    roles: staff,
    what: "Clear a hold, naming the reason",
  },
  voidTrip: {
    method: "POST",
    path: "/staff/v1/sessions/:session/void",
    roles: staff,
    what: "Void a trip, naming the reason",
  },
  refund: {
    method: "POST",
    path: "/staff/v1/receipts/:reference/refunds",
    roles: staff,
    what: "Take goods of a receipt back: lines, quantities, the reason (Idempotency-Key)",
  },
  releaseCart: {
    method: "POST",
    path: "/staff/v1/carts/:serial/release",
    roles: staff,
    what: "Release a quarantined cart",
  },
  ...PEOPLE_CALLS,
  ...PRIVACY_CALLS,
} as const satisfies Readonly<Record<string, Call>>;
