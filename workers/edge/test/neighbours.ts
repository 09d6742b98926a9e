import type { RoomUnderTest } from "../../../tools/platform/room-under-test.ts";

/** The rooms that the edge calls, each answering what a test has told it to and remembering what it was asked. */

const SCRIPTED = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
const state = { answers: {}, calls: [] };
const revive = (v) => Array.isArray(v) ? v.map(revive) : v === null || typeof v !== "object" ? v
  : "$bytes" in v ? Uint8Array.from(v.$bytes.match(/../g) ?? [], (x) => parseInt(x, 16))
  : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, revive(x)]));
const plain = (v) => v instanceof Uint8Array ? { $bytes: Array.from(v, (b) => b.toString(16).padStart(2, "0")).join("") }
  : Array.isArray(v) ? v.map(plain) : v === null || typeof v !== "object" ? v
  : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
const scripted = (type, base, methods) => {
  const made = class extends base {};
  for (const method of methods) made.prototype[method] = async function (...args) {
    const name = type + "." + method;
    state.calls.push({ method: name, object: this.ctx.id?.name ?? null, args: plain(args) });
    const answers = state.answers;
    const keyed = answers[name + " " + String(args[0])] ?? answers[name];
    if (keyed === undefined) throw new Error("not told what to answer: " + name);
    return revive(keyed);
  };
  return made;
};
export default { async fetch(request) {
  if (request.method === "PUT") Object.assign(state.answers, await request.json());
  if (request.method === "DELETE") { state.calls = []; state.answers = {}; }
  return Response.json(state.calls);
} };
`;

const entrypoint = (name: string, methods: readonly string[]): string =>
  `export const ${name} = scripted("${name}", WorkerEntrypoint, ${JSON.stringify(methods)});`;
const object = (name: string, methods: readonly string[]): string =>
  `export const ${name} = scripted("${name}", DurableObject, ${JSON.stringify(methods)});`;

export const neighbours: Record<string, string> = {
  identity:
    SCRIPTED +
    entrypoint("ForEdge", [
      "profile",
      "correct",
      "createPairingCode",
      "pairingCode",
      "confirmPairing",
      "loyaltyCards",
      "addLoyaltyCard",
      "removeLoyaltyCard",
      "paymentMethods",
      "addPaymentMethod",
      "removePaymentMethod",
      "currentSession",
      "ownTrips",
      "createPrivacyRequest",
      "privacyRequests",
      "privacyRequest",
      "accessFile",
      "refused",
    ]),
  stores: SCRIPTED + entrypoint("ForEdge", ["facts", "receipt", "receiptEntries"]),
  fleet: SCRIPTED + entrypoint("ForEdge", ["cart", "attestStore", "refused", "firmwareFor", "firmwareImage"]),
  sessions:
    SCRIPTED +
    entrypoint("ForApps", ["startPrivacyRequest", "privacyStatus", "tellRecipients", "view"]) +
    object("Cart", ["hello", "spend", "attested", "open", "telemetry", "whyNoSession"]) +
    object("ShoppingSession", ["events", "identity", "checkout", "payment", "close"]),
};

export interface Asked {
  readonly method: string;
  readonly object: string | null;
  readonly args: readonly unknown[];
}

export interface Neighbour {
  /** What to answer from now on, by `Class.method` or `Class.method <first argument>`. */
  tell(answers: Readonly<Record<string, unknown>>): Promise<void>;
  /** What it was asked so far, of one method or of all. */
  asked(method?: string): Promise<readonly Asked[]>;
  forget(): Promise<void>;
}

export function neighbour(room: RoomUnderTest, name: string): Neighbour {
  const send = async (method: string, body?: string): Promise<readonly Asked[]> => {
    const worker = await room.miniflare.getWorker(`cartwright-${name}-eu`);
    const init = body === undefined ? { method } : { method, body };
    return (await (await worker.fetch("http://neighbour.test/", init)).json()) as readonly Asked[];
  };
  return {
    tell: async (answers) => void (await send("PUT", JSON.stringify(answers))),
    asked: async (method) => (await send("GET")).filter((each) => method === undefined || each.method === method),
    forget: async () => void (await send("DELETE")),
  };
}

/** Bytes in what a neighbour is told and in what it was asked. */
export const bytes = (hex: string): { readonly $bytes: string } => ({ $bytes: hex });
