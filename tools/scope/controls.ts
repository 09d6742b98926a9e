/** A requirement of PCI DSS v4.0.1, how it is met, and where that can be seen. No code: it is done by people. */
export interface Control {
  readonly requirement: string;
  readonly how: string;
  readonly code: readonly string[];
  readonly tests: readonly string[];
  /** Who else does it, or all of it: `process` is the operator's, `customer` the retailer's. */
  readonly by?: string;
}

const people = (requirement: string, by: string, how: string): Control => ({
  requirement,
  how,
  code: [],
  tests: [],
  by,
});
const control = (requirement: string, how: string, code: string[], tests: string[], by?: string): Control => ({
  requirement,
  how,
  code,
  tests,
  ...(by === undefined ? {} : { by }),
});

export const CONTROLS: readonly Control[] = [
  control(
    "1.2.4",
    "Data-flow diagram, generated; stale ones fail",
    ["tools/scope.ts"],
    ["test/unit/pci-scope.test.ts"],
  ),
  control(
    "1.3.1",
    "Into the CDE: its own origin's doors alone, each with its proof; no Worker binds it",
    ["workers/cde/door/forwarder.ts", "tools/checks/scope.ts"],
    ["test/unit/scope.test.ts", "test/platform/segmentation.test.ts"],
  ),
  control(
    "1.3.2",
    "Out of the CDE: one module, one origin, no redirects",
    ["workers/cde/egress.ts", "tools/checks/egress.ts"],
    ["workers/cde/test/egress.test.ts", "test/unit/egress.test.ts"],
  ),
  control(
    "1.4.1",
    "An account of its own; rooms talk by bindings that are checked against a table",
    ["tools/checks/architecture.ts"],
    ["test/unit/scope.test.ts"],
    "Cloudflare",
  ),
  control(
    "1.4.2",
    "Public origins take closed sets of routes",
    ["workers/edge/paths.ts", "workers/cde/index.ts"],
    ["test/platform/segmentation.test.ts"],
  ),
  control(
    "1.4.4",
    "The vault is bound by the CDE alone and reached through no other Worker",
    ["tools/checks/scope.ts"],
    ["test/unit/scope.test.ts", "test/platform/segmentation.test.ts"],
  ),
  control(
    "2.2.1",
    "Configurations are code, compared with the architecture's table at each change",
    ["tools/checks/scope.ts"],
    ["test/unit/scope.test.ts"],
  ),
  control(
    "2.2.2",
    "No vendor's default account: secrets are made per cell; the Worker does not start without them",
    ["workers/cde/boot.ts"],
    ["workers/cde/test/tokenize.room.test.ts"],
  ),
  control(
    "2.2.4",
    "Bindings of unused kinds and public ways of their own fail the check",
    ["tools/checks/platform.ts"],
    ["test/unit/scope.test.ts"],
  ),
  control(
    "3.2.1",
    "A number goes with its last token; every purge leaves a proof",
    ["workers/cde/vault/purge.ts"],
    ["workers/cde/test/retention.room.test.ts"],
  ),
  control(
    "3.3.1",
    "CVV exists for one request; no column, log or answer has it",
    ["workers/cde/card/request.ts", "tools/checks/columns.ts"],
    ["workers/cde/test/retention.room.test.ts", "test/unit/schemas.test.ts"],
  ),
  control(
    "3.4.1",
    "Answers show scheme and last four; incidents six and four at the most",
    ["workers/cde/vault/tokenize.ts", "protocol/pan/search.ts"],
    ["workers/cde/test/retention.room.test.ts", "test/platform/pan-search.test.ts"],
  ),
  control(
    "3.5.1",
    "AES-256-GCM under a wrapped data key, bound to cell, record, field and version",
    ["workers/cde/vault/seal.ts"],
    ["workers/cde/vault/vault.test.ts", "workers/cde/test/rotation.room.test.ts"],
  ),
  control(
    "3.5.1.1",
    "Digests are HMAC-SHA-256 under a key outside the database; a plain one is nowhere",
    ["workers/cde/vault/digests.ts"],
    ["workers/cde/vault/vault.test.ts", "test/platform/pan-search.test.ts"],
  ),
  control(
    "3.6.1",
    "Keys are secrets of one Worker each, joined in memory",
    ["workers/cde/vault/key-encryption-key.ts", "tools/checks/scope.ts"],
    ["workers/cde/vault/vault.test.ts", "test/unit/egress.test.ts"],
  ),
  control(
    "3.6.1.2",
    "Data keys are stored wrapped by the key-encryption key, which is stored in two shares",
    ["workers/cde/vault/data-key.ts"],
    ["workers/cde/test/rotation.room.test.ts"],
  ),
  control(
    "3.7.1",
    "Shares are 256 random bits each, made on each officer's machine",
    ["tools/ceremony/share.ts"],
    ["tools/ceremony/ceremony.test.ts"],
  ),
  control(
    "3.7.4",
    "A new data key seals at once, the rest is re-wrapped online",
    ["workers/cde/vault/rotation.ts", "tools/rotate.ts"],
    ["workers/cde/test/rotation.room.test.ts"],
    "process: once a cryptoperiod",
  ),
  control(
    "3.7.5",
    "A key in use can't be destroyed, and says by how many rows",
    ["workers/cde/vault/rotation.ts"],
    ["workers/cde/test/rotation.room.test.ts"],
  ),
  control(
    "3.7.6",
    "Split knowledge and dual control: two shares by XOR; orders need both signatures; one person in both roles is refused",
    ["tools/ceremony.ts", "workers/cde/key-order-routes.ts"],
    ["tools/ceremony/ceremony.test.ts", "workers/cde/test/rotation.room.test.ts"],
  ),
  control(
    "3.7.7",
    "A swapped share, key or ciphertext does not open and leaves a security event",
    ["workers/cde/vault/security-event.ts"],
    ["workers/cde/test/rotation.room.test.ts"],
  ),
  people("3.7.8", "customer", "Custodians acknowledge their duties in writing; the ceremony's transcript names them"),
  control(
    "4.2.1",
    "TLS to every origin; between forwarder and CDE JWS in JWE besides; from the form a JWE",
    ["protocol/pay/envelope.ts", "workers/cde/form/browser/tokenize.ts"],
    ["protocol/pay/envelope.test.ts"],
    "Cloudflare: TLS",
  ),
  control(
    "4.2.1.1",
    "Keys by name, purpose and term in this document, held to the configurations",
    ["tools/scope/keys.ts"],
    ["test/unit/pci-scope.test.ts"],
  ),
  people(
    "5",
    "Cloudflare",
    "No operating system, file system or user of ours: Workers run code that was deployed, and no other",
  ),
  control(
    "6.2.4",
    "Inputs are parsed at the door; closed sets of reasons; no code from elsewhere at run time",
    ["tools/checks/imports.ts", "workers/cde/door/forwarder-body.ts"],
    ["test/unit/walls.test.ts", "workers/cde/card/card.test.ts"],
  ),
  control(
    "6.3.2",
    "Third-party software is what the lock file names",
    ["tools/checks/lockfile.ts"],
    ["test/unit/lockfile.test.ts"],
    "process: advisories",
  ),
  people("6.4.2", "process", "A web application firewall in front of the public origins, set up at the host"),
  control(
    "6.4.3",
    "The card form has one script of its own with an integrity hash; inventory with reasons",
    ["workers/cde/form/headers.ts", "workers/cde/form/routes.ts"],
    ["workers/cde/test/form.room.test.ts", "workers/cde/test/form-integrity.room.test.ts"],
  ),
  people("6.5.1", "process", "Change control: reviewed changes, `npm run check` and the tests before each deployment"),
  control(
    "7.2.5",
    "Each Worker has the bindings of the table and no other; callers are named by configuration",
    ["tools/checks/architecture.ts", "protocol/rooms/boot.ts"],
    ["test/unit/scope.test.ts", "test/platform/segmentation.test.ts"],
  ),
  control(
    "7.2.6",
    "No person queries the vault: no route gives a number back",
    ["workers/cde/index.ts"],
    ["workers/cde/test/tokenize.room.test.ts"],
    "process: access to the account",
  ),
  people("8.2.1", "customer", "Own accounts for each person with access to the CDE's account; MFA (8.4.2)"),
  control(
    "8.6.2",
    "No secret in code or configuration: names alone are committed",
    ["tools/platform/keys.ts"],
    ["tools/platform/authority.test.ts"],
  ),
  people("9.1", "Cloudflare", "Physical access to data centres"),
  people("9.5.1", "customer", "Terminals and readers are listed and looked at for tampering"),
  control(
    "10.2.1",
    "Every access to a card, granted or refused, is a row of the access log",
    ["workers/cde/vault/vault.ts"],
    ["workers/cde/test/tokenize.room.test.ts"],
  ),
  control(
    "10.2.2",
    "Who, what, when, on what, with what outcome",
    ["workers/cde/schema.ts", "protocol/rooms/audit.ts"],
    ["workers/cde/test/tokenize.room.test.ts"],
  ),
  control(
    "10.3.2",
    "Both logs are trees whose signed roots witnesses keep: a changed, cut or rewritten log is found",
    ["protocol/tlog/tiled-log.ts", "workers/audit/log.ts", "workers/cde/audit/access-log.ts"],
    ["protocol/tlog/verify-log.test.ts"],
  ),
  people(
    "10.4.1",
    "customer",
    "Logs are looked at daily; `GET /admin/v1/incidents` lists where card numbers were refused",
  ),
  people(
    "10.5.1",
    "process",
    "Twelve months, three at hand: whole bundles of both logs are pruned after thirteen, and the log says so",
  ),
  people("10.6.1", "Cloudflare", "Time of the hosts"),
  people("11.3.1", "customer", "Scans by an approved vendor (11.3.2), penetration tests (11.4.1)"),
  control(
    "11.4.5",
    "`npm run segmentation` attacks each room from each other and from outside",
    ["tools/segmentation.ts"],
    ["test/platform/segmentation.test.ts"],
    "customer: at least once a year",
  ),
  control(
    "11.5.2",
    "What is deployed is built from committed files; generated ones are compared",
    ["tools/check.ts"],
    ["test/unit/pci-scope.test.ts"],
    "process",
  ),
  control(
    "11.6.1",
    "`npm run form-integrity` compares the served form and headers with the manifest",
    ["tools/form-integrity.ts"],
    ["workers/cde/test/form-integrity.room.test.ts"],
    "process: at least once in seven days",
  ),
  control(
    "12.3.3",
    "Algorithms in use are in this document",
    ["tools/scope/keys.ts"],
    ["test/unit/pci-scope.test.ts"],
    "process: yearly review",
  ),
  control(
    "12.5.2",
    "This document is generated from what is committed; `npm run scope -- --check` fails when it is stale",
    ["tools/scope.ts"],
    ["test/unit/pci-scope.test.ts"],
  ),
  people("12.8.2", "customer", "Agreements with third parties; the responsibility matrix is in this document"),
  people("12.10.1", "customer", "Incident response plan"),
  control(
    "12.10.7",
    "A number where none belongs is refused, kept nowhere, and an incident; a search finds it at rest",
    ["protocol/pan/tripwire.ts", "tools/pan-search.ts"],
    ["protocol/pan/tripwire.test.ts", "test/platform/pan-search.test.ts"],
    "customer: the response",
  ),
];
