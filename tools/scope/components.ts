/** Why a room is in or out of PCI DSS scope, and what follows. The generator asks for each room of the architecture. */
export interface Component {
  readonly scope: "CDE" | "connected-to" | "out";
  readonly reason: string;
}

export const COMPONENTS: Readonly<Record<string, Component>> = {
  cde: {
    scope: "CDE",
    reason:
      "Stores, processes and transmits card numbers: the vault, authorizations, the hosted card form. An account of its own.",
  },
  payments: {
    scope: "connected-to",
    reason:
      "The forwarder: the one Worker with the CDE's address and keys. It carries tokens and amounts, never a card number, and keeps nothing; as its compromise could affect the CDE, it, its deployment and its logs are in scope.",
  },
  edge: {
    scope: "out",
    reason:
      "No way to the CDE. Every field, query and header of what it takes is searched for card numbers and refused.",
  },
  sessions: {
    scope: "out",
    reason:
      "Calls the forwarder by typed RPC with a token or a hand-off; no way to the CDE; its schema has no column for a card number.",
  },
  identity: {
    scope: "out",
    reason:
      "Gets a keyed card reference from the forwarder; believes a statement that the CDE signed, by its public key, and can't call it.",
  },
  stores: {
    scope: "out",
    reason: "Gets receipt data with the last four digits at the most, searched for more; calls the store's POS alone.",
  },
  fleet: { scope: "out", reason: "Carts, certificates, firmware; nothing of payments." },
  telemetry: {
    scope: "out",
    reason: "Numbers, closed names and catalogue keys; no field in which a card number fits.",
  },
  audit: {
    scope: "out",
    reason:
      "Acts of the platform's rooms; an entry that looks like a card number is refused. The CDE keeps its own access log.",
  },
  ops: {
    scope: "out",
    reason:
      "The staff's door; no way to the CDE. Every body, query and header is searched for card numbers and refused.",
  },
};

/** What is no Worker of ours. */
export const OUTSIDE: readonly (readonly [name: string, scope: string, reason: string])[] = [
  [
    "EMV terminal",
    "in scope, the retailer's and the terminal vendor's",
    "Reads cards and talks to the processor directly, by P2PE where the retailer has it; the platform sees a hand-off and an answer.",
  ],
  [
    "Card reader's vendor",
    "in scope, the vendor's",
    "Its back end calls `POST /v1/payments/tokenize` under its own key; a cart gets a token alone.",
  ],
  [
    "Card form in the payer's browser",
    "in scope",
    "Served by the CDE; the number is encrypted in the page for the CDE before it leaves.",
  ],
  [
    "Page or app that embeds the form",
    "the embedder's (SAQ A)",
    "Frames the CDE's origin; gets a token. Its own duties under 6.4.3 and 11.6.1 are the embedder's.",
  ],
  ["Payment processor", "in scope, a third party", "Called by the CDE alone, by the allow list of its egress module."],
  ["Cart and its firmware", "out", "Handles tokens; its frames are searched for card numbers and refused."],
];

/** Every door of the pay origin. The generator fails when the CDE's code has one that is not here. */
export const DOORS: Readonly<Record<string, { readonly who: string; readonly proof: string }>> = {
  'get "/v1/jwks.json"': { who: "anybody", proof: "none: a public key" },
  'post "/v1/payments/tokenize"': {
    who: "the reader's vendor; the card form",
    proof: "vendor: client certificate, `private_key_jwt` used once; form: a JWE to the CDE's key, limited in rate",
  },
  'post "/v1/card-references"': {
    who: "the forwarder",
    proof: "client certificate, JWS in JWE, 60 s, used once, bound to method, path and key",
  },
  'post "/v1/tokens/forget"': { who: "the forwarder", proof: "the same" },
  'post "/v1/authorizations"': { who: "the forwarder", proof: "the same" },
  'get "/v1/authorizations/:id"': { who: "the forwarder", proof: "the same" },
  'post "/v1/authorizations/:id/capture"': { who: "the forwarder", proof: "the same" },
  'post "/v1/authorizations/:id/void"': { who: "the forwarder", proof: "the same" },
  'post "/v1/authorizations/:id/refunds"': { who: "the forwarder", proof: "the same" },
  "post KEY_ORDER_PATH": {
    who: "the key custodians",
    proof: "an order that both signed with their role keys, used once",
  },
  'get "/v1/audit/:path{.+}"': {
    who: "the auditor, witnesses",
    proof:
      "a token that the auditor's key signed, ten minutes at the most; it reads the access log, in which no card is",
  },
  'get "/v1/audit/proofs/:index"': { who: "the auditor", proof: "the same" },
  'post "/v1/audit/cosignatures"': {
    who: "the auditor, for a witness",
    proof: "the same, and a configured witness's cosignature of this log's own checkpoint",
  },
  'post "/v1/webhooks/:processor"': { who: "the processor", proof: "its signature and age; it only makes the CDE ask" },
  "get PAGE_PATH": { who: "anybody, in a registered frame", proof: "`frame-ancestors`; an integrity manifest" },
  "get SCRIPT_PATH": { who: "anybody", proof: "integrity hash in the page" },
  "get STYLES_PATH": { who: "anybody", proof: "integrity hash in the page" },
};
