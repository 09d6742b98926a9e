/**
 * The rooms behind the ops door, each echoing which call reached it with which arguments, so that a test sees what
 * the door hands on; a store, cart or session named in the test makes the room refuse with a reason of its contract.
 */
const room = (methods: readonly string[]) => `
import { WorkerEntrypoint } from "cloudflare:workers";
const plain = (value) => value instanceof Uint8Array ? { bytes: value.length } : value;
const call = (method, args) => {
  const reason = JSON.stringify(args).match(/refuse-([a-z-]+)/)?.[1];
  if (reason !== undefined) return { ok: false, reason: reason.replaceAll("-", "_") };
  return { ok: true, value: { method, args: args.map(plain) } };
};
export class ForOps extends WorkerEntrypoint {
${methods.map((name) => `  ${name}(...args) { return call("${name}", args); }`).join("\n")}
}
export default { fetch: () => new Response(null, { status: 404 }) };`;

export const NEIGHBOURS = {
  stores: room(["put", "sessionOf"]).replace(
    "export class ForOps extends WorkerEntrypoint {",
    `export class ForOps extends WorkerEntrypoint {
  importCatalogue(...args) {
    const refused = /4242/.test(args[1]) ? [{ line: 2, reason: "pan_detected" }, { line: 3, reason: "bad_code" }] : [];
    return { ok: true, value: { method: "importCatalogue", args, refused } };
  }`,
  ),
  identity: room(["registerLoyaltyFormat", "importMembers"]).replace(
    "export class ForOps extends WorkerEntrypoint {",
    `export class ForOps extends WorkerEntrypoint {
  privacyRequestList(after) {
    if (after === "ended.00000000-0000-4000-8000-000000000000") return { ok: false, reason: "invalid" };
    const requests = [{ request: after ?? "first", kind: "access", receivedOn: "2026-11-02", ended: null }];
    return { ok: true, value: { requests, next: after === null ? "open.00000000-0000-4000-8000-000000000001" : null } };
  }`,
  ),
  fleet: room([
    "importManifest",
    "assign",
    "revoke",
    "policy",
    "setPolicy",
    "registerBeacon",
    "putFirmwareImage",
    "publishFirmware",
    "listFirmware",
    "startRollout",
    "changeRollout",
  ]).replace(
    "export class ForOps extends WorkerEntrypoint {",
    `export class ForOps extends WorkerEntrypoint {
  enrol(csr) {
    if (csr.length === 3) return { ok: false, reason: "key_mismatch" };
    return { ok: true, value: { certificate: csr, chain: [new Uint8Array([1]), new Uint8Array([2])] } };
  }`,
  ),
  telemetry: room(["daily"]),
  sessions: room(["view", "clearHold", "voidTrip", "releaseCart"]).replace(
    "export class ForOps extends WorkerEntrypoint {",
    `export class ForOps extends WorkerEntrypoint {
  privacyStatus(request) {
    return { ok: true, value: { request, law: "gdpr", ended: null, target: "2026-12-01", deadline: "2026-12-02", confirmBy: null, confirmedOn: null } };
  }`,
  ),
  audit: `
import { WorkerEntrypoint } from "cloudflare:workers";
let last = null;
export class ForOps extends WorkerEntrypoint {
  append(act) { if (act.kind === "pan_detected") last = act; return { ok: true, value: { index: 0 } }; }
  read(from, limit) { if (from === 13) throw new Error("a bug that names secret-input"); if (from === 14) return { entries: [{ index: 14, kind: "sign_in" }, { index: 15, ...last }], size: 20 }; return { entries: [], size: from + limit }; }
  proof(index) { return index === 7 ? { ok: true, value: "a proof" } : { ok: false, reason: "unknown" }; }
  resource(path) { return path === "checkpoint" || /^tile\\/(?:entries|0)\\/000/.test(path) ? { ok: true, value: new TextEncoder().encode(path) } : { ok: false, reason: path === "cosigned" ? "unknown" : "unavailable" }; }
  addCosignatures(note) { return note === "good" ? { ok: true, value: { size: 3 } } : { ok: false, reason: note === "other" ? "conflict" : "invalid" }; }
}
export default { fetch: () => new Response(null, { status: 404 }) };`,
};
