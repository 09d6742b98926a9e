import { NEIGHBOURS } from "./neighbours.ts";

/**
 * The rooms that a privacy request asks. What a request is follows from its id: the first digit is its kind (a access,
 * c correction, e erasure), the second whether staff must check (5) or the token did (0). Over HTTP a test says which
 * calls fail (`down`), throw (`broken`), leave something (`left`) or know nobody (`unknown`), and reads what was asked.
 */
const RIGHTS = `
const plan = { down: [], broken: [], left: [], unknown: [], asked: [], ended: [] };
const answer = (name, store, value) => {
  plan.asked.push(name);
  if (plan.broken.includes(name)) throw new Error("a bug of the room");
  if (plan.down.includes(name)) return { ok: false, reason: "unavailable" };
  if (plan.unknown.includes(name)) return { ok: false, reason: "unknown" };
  return { ok: true, value: value ?? { store, outcome: "erased", count: 1, left: plan.left.includes(name) ? 1 : 0 } };
};
const control = async (request) => {
  if (request.method === "POST") Object.assign(plan, { law: "gdpr", down: [], broken: [], left: [], unknown: [], asked: [] }, await request.json());
  return Response.json(plan);
};
`;

const KIND = `{ a: "access", c: "correction", e: "erasure" }`;

const identity = `${RIGHTS}
const kinds = ${KIND};
export class ForRights extends WorkerEntrypoint {
  async facts(request) { return answer("facts", "", { request, kind: kinds[request[0]], law: plan.law ?? "gdpr", subject: "ab".repeat(32), received: Date.now(), receivedOn: "2026-11-02", checkedBy: request[1] === "5" ? "staff" : "token", outcome: null }); }
  async unstarted() { return answer("unstarted", "", plan.unstarted ?? []); }
  async started(request) { plan.unstarted = (plan.unstarted ?? []).filter((each) => each !== request); return answer("started", "", true); }
  async openTrips() { return answer("openTrips", "", []); }
  async trips() { return answer("trips", "", plan.trips ?? [{ session: "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49", customer: null, linked: 1, ended: 2 }]); }
  async cardTokens() { return answer("cardTokens", "", ["A".repeat(24)]); }
  async erase(request, store) { return answer("erase " + store, store); }
  async exported(request, store) { return answer("exported " + store, store); }
  async collect(request, store, part, json) { plan.collected = [...(plan.collected ?? []), [store, part, json]]; return answer("collect " + store, "", true); }
  async correct() { return answer("correct", "persons"); }
  async notices() { return answer("notices", "", [{ id: "n-1", store: "eu-test", jwe: "sealed" }]); }
  async owedNotices() { return answer("owedNotices", "", (plan.owed ?? []).slice(0, 2)); }
  async noticed(id) { plan.owed = (plan.owed ?? []).filter((each) => each.id !== id); plan.told = true; return answer("noticed", "", true); }
  async told() { return answer("told", "recipients", { store: "recipients", outcome: "told", count: plan.told ? 1 : 0, left: plan.told ? 0 : 1 }); }
  async ended(request, state) { plan.ended.push([request, state]); return answer("ended", "", true); }
}`;

const within = (script: string, methods: string): string =>
  script.replace(
    "export class ForSessions extends WorkerEntrypoint {",
    `${RIGHTS}\nexport class ForSessions extends WorkerEntrypoint {\n${methods}\n`,
  );
const controlled = (script: string): string =>
  script.replace(/export default \{[\s\S]*$/, "export default { fetch: control };");

export const RIGHTS_NEIGHBOURS: Record<string, string> = {
  ...NEIGHBOURS,
  identity: controlled(NEIGHBOURS.identity.replace("export class ForRights extends WorkerEntrypoint {}", identity)),
  payments: controlled(within(NEIGHBOURS.payments, `async forgetCards() { return answer("forgetCards", "vault"); }`)),
  stores: controlled(
    within(
      NEIGHBOURS.stores,
      `async forgetReceipts(request, sessions) { plan.calls = [...(plan.calls ?? []), sessions.length]; return answer("forgetReceipts", "receipts", { store: "receipts", outcome: "held", count: sessions.length, left: plan.left.includes("forgetReceipts") ? 1 : 0, law: "\\u00a7 147 AO", until: plan.until?.shift() ?? "2034-12-31" }); }
       async receiptsOf(sessions) { return answer("receiptsOf", "", sessions.map((session) => ({ session, reference: "r" }))); }
       async notify({ id }) { return answer(plan.broken.includes("notify " + id) ? "notify " + id : "notify", "", { acknowledgement: "ack" }); }`,
    ),
  ),
  telemetry: controlled(
    within(
      NEIGHBOURS.telemetry,
      `async tripEvents(sessions) { return answer("tripEvents", "", sessions.map((session) => ({ session, at: 1, kind: "scan", item: "09521234543213", quantity: 1 }))); }
       async forgetTrips() { return answer("forgetTrips", "telemetry"); }`,
    ),
  ),
  audit: NEIGHBOURS.audit.replace(
    "async acts() { return acts; }",
    `async acts() { return acts; } async proof(index) { return { ok: true, value: "proof of " + index }; }`,
  ),
};
