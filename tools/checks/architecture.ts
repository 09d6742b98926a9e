/** A door of another room: the callee, and the entrypoint class that is made for the caller. */
interface Door {
  readonly room: string;
  readonly entrypoint: string;
  /** The name that the caller is known by there: the room's own unless told. */
  readonly caller?: string;
}

interface RoomRule {
  /** All the calls that the room may make over service bindings, no more and no fewer. */
  readonly calls: readonly Door[];
  /** Databases and buckets that are its own, without the cell. */
  readonly databases: readonly string[];
  readonly buckets: readonly string[];
  /** Durable Object classes that it may bind, with the room that hosts each. */
  readonly objects: readonly { readonly className: string; readonly room: string }[];
}

const SESSION_OBJECTS = [
  { className: "Cart", room: "sessions" },
  { className: "ShoppingSession", room: "sessions" },
];

/**
 * Who may call whom and who owns what: the table of the architecture as data. A room that needs more gets a line
 * here first, where a reviewer sees it.
 */
export const ARCHITECTURE: Readonly<Record<string, RoomRule>> = {
  edge: {
    calls: [
      { room: "sessions", entrypoint: "ForApps" },
      { room: "identity", entrypoint: "ForEdge" },
      { room: "stores", entrypoint: "ForEdge" },
      { room: "fleet", entrypoint: "ForEdge" },
    ],
    databases: [],
    buckets: [],
    objects: SESSION_OBJECTS,
  },
  sessions: {
    calls: [
      ...["identity", "payments", "stores", "telemetry", "audit"].map((room) => ({ room, entrypoint: "ForSessions" })),
      // Of privacy requests and retention alone: by a request's id or a class, never by a person.
      { room: "identity", entrypoint: "ForRights", caller: "rights" },
    ],
    databases: [],
    buckets: [],
    objects: [
      ...SESSION_OBJECTS,
      { className: "RefundCase", room: "sessions" },
      { className: "PrivacyRequest", room: "sessions" },
      { className: "PrivacyDesk", room: "sessions" },
      { className: "RetentionDesk", room: "sessions" },
    ],
  },
  identity: {
    calls: [{ room: "audit", entrypoint: "ForIdentity" }],
    databases: ["entities", "persons"],
    buckets: ["cartwright-person-keys"],
    objects: [],
  },
  payments: {
    calls: [{ room: "identity", entrypoint: "ForPayments" }],
    databases: [],
    buckets: [],
    objects: [],
  },
  cde: {
    calls: [],
    databases: ["vault"],
    buckets: ["cartwright-access-log"],
    objects: ["Housekeeping", "AccessLog"].map((className) => ({ className, room: "cde" })),
  },
  stores: { calls: [], databases: ["retail"], buckets: ["cartwright-receipts"], objects: [] },
  fleet: {
    calls: [{ room: "audit", entrypoint: "ForFleet" }],
    databases: ["fleet"],
    buckets: ["cartwright-firmware"],
    objects: [],
  },
  telemetry: { calls: [], databases: ["telemetry"], buckets: ["cartwright-telemetry"], objects: [] },
  audit: {
    calls: [],
    databases: [],
    buckets: ["cartwright-audit"],
    objects: [{ className: "AuditLog", room: "audit" }],
  },
  ops: {
    calls: ["sessions", "identity", "stores", "fleet", "telemetry", "audit"].map((room) => ({
      room,
      entrypoint: "ForOps",
    })),
    databases: ["staff"],
    buckets: [],
    objects: [{ className: "ReviewDesk", room: "ops" }],
  },
};

/** The one room with a way to the CDE (RULING-07), and the names that such a way has. */
export const FORWARDER = "payments";
export const WAY_TO_THE_CDE = /^(?:PAY_ORIGIN$|CDE_|FORWARDER_)/;
/** Public keys that let a room believe what the CDE signed, and reach nothing: each for the one room that needs it. */
export const BELIEVES_THE_CDE: Readonly<Record<string, readonly string[]>> = { identity: ["CDE_VERIFICATION_JWK"] };

/** Public keys that more than one room checks signatures with; they open and sign nothing. */
export const PUBLIC_KEYS: readonly string[] = ["STAFF_AUTHORITY_JWK"];

interface Egress {
  /** The only modules of the room that hold the network's `fetch`. */
  readonly modules: readonly string[];
  /** Settings that name the hosts which it calls, and where those lead. */
  readonly settings: Readonly<Record<string, string>>;
  /** Settings that name an origin of the platform or an app's, which is never called. */
  readonly names: readonly string[];
  /** Hosts that its code names itself. */
  readonly hosts: Readonly<Record<string, string>>;
}

const NOWHERE: Egress = { modules: [], settings: {}, names: [], hosts: {} };

/** Every way out of a room over HTTP. A new one gets a line here first, where a reviewer sees it (PCI DSS 1.3.2, 1.4.2). */
export const EGRESS: Readonly<Record<string, Egress>> = {
  edge: {
    ...NOWHERE,
    modules: ["workers/edge/app/app.ts"],
    settings: { OIDC_ISSUER: "the retailer's identity provider: its keys" },
    names: ["RECEIPT_ORIGIN"],
  },
  sessions: NOWHERE,
  identity: NOWHERE,
  payments: {
    ...NOWHERE,
    modules: ["workers/payments/index.ts"],
    settings: { PAY_ORIGIN: "the CDE, under a client certificate" },
  },
  cde: {
    modules: ["workers/cde/egress.ts"],
    settings: { PROCESSOR_ORIGIN: "the processor in use, where it is the simulator" },
    names: ["PAY_ORIGIN", "LOG_ORIGIN", "FORM_EMBEDDERS"],
    hosts: { "api.stripe.com": "the processor in use, where it is Stripe" },
  },
  stores: {
    ...NOWHERE,
    modules: ["workers/stores/index.ts"],
    settings: { POS_HOSTS: "the stores' POS and tax engine" },
  },
  fleet: NOWHERE,
  telemetry: NOWHERE,
  audit: { ...NOWHERE, names: ["LOG_ORIGIN"] },
  ops: NOWHERE,
};
