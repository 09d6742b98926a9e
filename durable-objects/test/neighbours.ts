/** Goods of the test store, by what the scanner reads. */
export const STORE = "eu-test";
export const MILK = "4006381333931";
export const BEER = "4311501043271";
export const UNKNOWN = "4000000000006";

/** The rooms around a session, each a Worker: what they answer follows from what they are asked, and they remember it. */

/** Purges of a room: each answers three records, and once more while it is told that some are overdue; a call can break. */
const PURGE = `let purgePlan = {}; const purges = [];
const purgeOf = (name, now) => { purges.push([name, now]); if (purgePlan.down?.includes(name)) return { ok: false, reason: "unavailable" };
  if (purgePlan.throws?.[name] > 0 && (purgePlan.throws[name] -= 1) === 0) throw new Error("broke off");
  if (purgePlan.fails?.[name] > 0 && (purgePlan.fails[name] -= 1) === 0) return { ok: false, reason: "unavailable" };
  const left = purgePlan.overdue?.[name] ?? 0; if (left > 0) purgePlan.overdue[name] = left - 1;
  return { ok: true, value: { class: name, purged: 3, overdueLeft: left, oldestLeft: now } }; };
`;

export const NEIGHBOURS = {
  stores: `import { WorkerEntrypoint } from "cloudflare:workers";
const facts = { store: "${STORE}", name: "Test store", currency: "EUR", taxIncluded: true, timeZone: "Europe/Berlin", weightToleranceGrams: 50, terminals: ["T1", "T2"] };
const goods = { "${MILK}": { item: "0${MILK}", name: "Milk", unitMinor: 119, measure: "each", grams: null, lineMinor: 119, taxClass: "food", netGrams: 1000, minimumAge: 0, origin: "master" },
  "${BEER}": { item: "0${BEER}", name: "Beer", unitMinor: 99, measure: "each", grams: null, lineMinor: 99, taxClass: "alcohol", netGrams: 500, minimumAge: 18, origin: "master" } };
${PURGE}let posRefuses = 0, posDown = 0, sellDown = 0;
const booked = [], refused = new Set();
export class ForSessions extends WorkerEntrypoint {
  async purge(name, now) { return purgeOf(name, now); }
  async purges() { return purges; }
  async facts() { return { ok: true, value: facts }; }
  async prices(store, codes) {
    if (codes.some((c) => c.code === "pos-down")) posDown = 1;
    if (codes.some((c) => c.code === "pos-refuses")) posRefuses = 1;
    if (codes.some((c) => c.code === "sell-down")) sellDown = 1;
    return { ok: true, value: codes.map((c) => goods[c.code] ? { ok: true, value: goods[c.code] } : { ok: false, reason: "unknown_item" }) };
  }
  async quote(store, session, handoff, lines) {
    if (posRefuses > 0) { posRefuses -= 1; return { ok: false, reason: "refused" }; }
    if (posDown > 0) { posDown -= 1; return { ok: false, reason: "unavailable" }; }
    const total = lines.reduce((sum, line) => sum + line.totalMinor, 0);
    return { ok: true, value: { quote: handoff, total: { minor: total, currency: "EUR" }, netMinor: total, taxMinor: 0, taxes: [], lines } };
  }
  async sold(reference) {
    if (!reference.startsWith("R")) return { ok: false, reason: "unknown" };
    const line = (n, quantity, totalMinor) => ({ line: n, item: "0${MILK}", name: "Milk", quantity, grams: null, unitMinor: 119, totalMinor, taxClass: "food" });
    return { ok: true, value: { handoff: "00000000-0000-4000-8000-" + [...reference.slice(-6)].map((c) => c.charCodeAt(0).toString(16)).join(""), receipt: { reference, number: "n-1", store: { id: "${STORE}" }, session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a", currency: "EUR", taxIncluded: true, lines: [line(1, 3, 300), line(2, 1, 200)], taxes: [], totalMinor: 500, payment: { terminal: "T1" } } } };
  }
  async quoteRefund(original, refund, lines) {
    const total = lines.reduce((sum, each) => sum + (each.line === 1 ? 100 : 200) * each.quantity, 0);
    return { ok: true, value: { quote: refund, total: { minor: total, currency: "EUR" }, netMinor: total, taxMinor: 0, taxes: [], lines: [] } };
  }
  async bookRefund(booking) {
    if (booking.reason === "goodwill" && !refused.has(booking.refund)) { refused.add(booking.refund); return { ok: false, reason: "unavailable" }; }
    booked.push([booking.original, booking.refund, booking.quote.total.minor]);
    return { ok: true, value: booking.reference };
  }
  async sell(sale) { if (sellDown > 0) { sellDown -= 1; return { ok: false, reason: "unavailable" }; } return { ok: true, value: sale.handoff.replaceAll("-", "").slice(0, 22) }; }
}
export class ForEdge extends WorkerEntrypoint {} export class ForOps extends WorkerEntrypoint {}
export default { fetch: () => Response.json({ booked }) };`,
  payments: `import { WorkerEntrypoint } from "cloudflare:workers";
const emv = { scheme: "visa", last4: "4242", aid: "A0000000031010", applicationName: "VISA", tvr: "0000000000", tsi: "E800", cryptogram: "AB", arc: "00", approvalCode: "123456", cvm: "none", entry: "contactless", terminal: "T1", merchant: "M" };
const seen = new Map(), captures = new Map(), voided = [], asked = [], arranged = new Map(), refunds = new Map();
export class ForSessions extends WorkerEntrypoint {
  async identifyByCard(trip, token) { return { ok: true, value: token.startsWith("Unknown") ? { status: "not_linked" } : { status: "linked", customer: "cc".repeat(16), nickname: null } }; }
  async authorization(claim) {
    const times = (seen.get(claim.handoff) ?? 0) + 1; seen.set(claim.handoff, times);
    const answer = (state, over = {}) => ({ ok: true, value: { id: "auth-" + claim.handoff, state, amount_minor: claim.amount.minor, currency: claim.amount.currency, terminal: claim.terminal, store: claim.trip.store, handoff: claim.handoff, emv, processor_reference: "p-1", ...over } });
    asked.push(claim.handoff);
    const plan = arranged.get(claim.handoff);
    if (plan?.throws) throw new Error("a bug of the room");
    if (plan?.silent > 0) { plan.silent -= 1; return { ok: false, reason: "unavailable" }; }
    if (plan?.state !== undefined) return answer(voided.some(([id]) => id === claim.handoff) && plan.state === "approved" ? "voided" : plan.state, { ...(plan.surplus > 0 ? (plan.surplus -= 1, { surplus: "open" }) : {}), ...(plan.over ?? {}) });
    const how = claim.reference ?? "none";
    if (how.startsWith("lost")) return times < 2 ? { ok: false, reason: "unavailable" } : answer("approved");
    if (how.startsWith("decline")) return answer("declined");
    if (how.startsWith("pending")) return answer("pending");
    if (how.startsWith("partial")) return answer("approved", { amount_minor: claim.amount.minor - 1 });
    if (how.startsWith("other-store")) return answer("approved", { store: "eu-other" });
    if (how === "none") return answer("pending", { processor_reference: null, emv: null });
    return answer("approved");
  }
  async capture(handoff, authorization, amount) { if (arranged.get(handoff)?.refuseCapture) return { ok: false, reason: "refused" }; captures.set(handoff, (captures.get(handoff) ?? 0) + 1); return { ok: true, value: { id: authorization, state: "captured", amount_minor: amount.minor, currency: amount.currency, terminal: "T1", store: "${STORE}", handoff, emv, processor_reference: "p-1" } }; }
  async release(handoff, authorization, why) { const plan = arranged.get(handoff); if (plan?.releaseLost > 0) { plan.releaseLost -= 1; return { ok: false, reason: "unavailable" }; } voided.push([handoff, why]); return { ok: true, value: { id: authorization, state: "voided", amount_minor: null, currency: null, terminal: null, store: null, handoff, emv: null, processor_reference: null } }; }
  async refund(claim, refund, amount) {
    const plan = arranged.get(claim.handoff);
    if (plan?.refundRefused) return { ok: false, reason: "refused" };
    if (plan?.refundLost > 0) { plan.refundLost -= 1; refunds.set(refund, [claim.handoff, amount.minor]); return { ok: false, reason: "unavailable" }; }
    refunds.set(refund, [claim.handoff, amount.minor]);
    return { ok: true, value: { id: refund, authorization: "a", state: "refunded", amount_minor: amount.minor, currency: amount.currency } };
  }
  async arrange(handoff, plan) { arranged.set(handoff, plan); }
  async books() { return { captures: [...captures], voided, asked }; }
}
export default { async fetch(request) { if (request.method === "POST") { const { handoff, plan } = await request.json(); arranged.set(handoff, plan); } return Response.json({ captures: [...captures], voided, asked, refunds: [...refunds.values()] }); } };`,
  identity: `import { WorkerEntrypoint } from "cloudflare:workers";
let life = "alive"; const asked = [];
const ended = [], walked = [], replayed = [];
${PURGE}
export class ForSessions extends WorkerEntrypoint {
  async byLoyalty(trip, number) { if (number === "4242424242424242") return { ok: false, reason: "pan_detected" }; if (number === "down") return { ok: false, reason: "unavailable" };
    return { ok: true, value: number.startsWith("9") ? { status: "linked", customer: "ab".repeat(16), nickname: "Nick" } : { status: "not_linked" } }; }
  async isAlive(trip, customer) { asked.push(customer); if (life === "down") return { ok: false, reason: "unavailable" }; return { ok: true, value: life !== "dead" }; }
  async byPairing() { return { ok: true, value: { status: "pending", confirmation: "47" } }; }
  async unlink() { return { ok: true, value: undefined }; }
  async end(session) { ended.push(session); return { ok: true, value: undefined }; }
}
export class ForEdge extends WorkerEntrypoint {} export class ForOps extends WorkerEntrypoint {} export class ForRights extends WorkerEntrypoint {} export class ForPayments extends WorkerEntrypoint {}
Object.assign(ForRights.prototype, { async rotateKeys(from) { walked.push(from); if (purgePlan.down?.includes("keys")) return { ok: false, reason: "unavailable" }; return { ok: true, value: { moved: 1, stuck: 0, next: from === null ? "persons:" : null } }; }, async walked() { return walked; }, async replayTombstones(from) { replayed.push(from); if (purgePlan.down?.includes("tombstones")) return { ok: false, reason: "unavailable" }; const pages = purgePlan.pages ?? 1; const at = from === null ? 1 : Number(from.slice(2)); return { ok: true, value: { tombstones: 2, checked: 5, removed: at === 1 ? 1 : 0, left: at === 1 ? (purgePlan.left ?? 0) : 0, next: at < pages ? "0:" + (at + 1) : null } }; }, async replayed() { return replayed; }, async purge(name, now) { return purgeOf(name, now); }, async purges() { return purges; }, async plan(plan) { purgePlan = plan; } });
export default { async fetch(request) { if (request.method === "POST") life = await request.text(); return Response.json(new URL(request.url).search === "?numbers" ? { asked } : ended); } };`,
  telemetry: `import { WorkerEntrypoint } from "cloudflare:workers";
const segments = [];
${PURGE}
export class ForSessions extends WorkerEntrypoint { async purge(name, now) { return purgeOf(name, now); } async purges() { return purges; } async deliver(segment) { segments.push(segment); return { ok: true, value: undefined }; } }
export class ForOps extends WorkerEntrypoint {}
export default { fetch: () => Response.json(segments) };`,
  audit: `import { WorkerEntrypoint } from "cloudflare:workers";
const acts = []; let down = false; let at = 0; let over = 3;
export class ForSessions extends WorkerEntrypoint { async plan(plan) { down = plan.down ?? false; over = plan.over ?? over; } async prune(now) { const from = at; at += Math.min(over, 3); over = over === 0 ? 3 : Math.max(0, over - 3); return { ok: true, value: { from, to: at, oldestLeft: now } }; } async append(act) { if (down) return { ok: false, reason: "unavailable" }; acts.push(act); return { ok: true, value: { index: acts.length } }; } async acts() { return acts; } }
export class ForIdentity extends ForSessions {} export class ForFleet extends ForSessions {} export class ForOps extends ForSessions {}
export default { fetch: () => Response.json(acts) };`,
};
