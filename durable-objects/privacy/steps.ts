import type { SessionId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { PrivacyKind } from "../../protocol/rooms/privacy.ts";
import type { DataStore, StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { type Env, sessionObject } from "../env.ts";
import { deliverNotices } from "./notices.ts";
import { partsOf } from "./parts.ts";

/**
 * How a step came out: an answer of the store; `later`: not over, but nothing behind it has to wait; `unknown`: the
 * person is not there any more.
 */
export type StepResult = Result<StoreAnswer, "unavailable" | "unknown" | "later">;
type Step = (env: Env, request: string) => Promise<StepResult>;

/** What is asked of a store for a kind of request. Each may be asked again after anything. */
export function stepOf(kind: PrivacyKind, store: DataStore): Step {
  const step = STEP[kind][store];
  if (step === undefined) throw new RangeError(`${kind} does not concern ${store}`);
  return step;
}

/**
 * Trips a call: the rooms read receipts and segments one by one, and one call of a Worker may ask its stores a thousand
 * times. A copy has receipts in its answer, so fewer are asked for at once.
 */
const TRIPS_A_CALL = 20;
const FORGOTTEN_A_CALL = 100;

const STEP: Readonly<Record<PrivacyKind, Partial<Record<DataStore, Step>>>> = {
  access: {
    sessions: exportTrips,
    receipts: exportReceipts,
    entities: (env, request) => env.RIGHTS.exported(request, "entities"),
    persons: (env, request) => env.RIGHTS.exported(request, "persons"),
  },
  correction: {
    persons: (env, request) => env.RIGHTS.correct(request),
    recipients: async (env, request) => {
      const told = await tell(env, request);
      return !told.ok && told.reason === "later" ? fail("unavailable") : told;
    },
  },
  erasure: {
    sessions: forgetShoppers,
    vault: async (env, request) => {
      const tokens = await env.RIGHTS.cardTokens(request);
      return tokens.ok ? env.PAYMENTS.forgetCards(request, tokens.value) : tokens;
    },
    receipts: (env, request) => forgetTrips(env, request, (some) => env.STORES.forgetReceipts(request, some)),
    telemetry: (env, request) => forgetTrips(env, request, (some) => env.TELEMETRY.forgetTrips(request, some)),
    recipients: tell,
    entities: (env, request) => env.RIGHTS.erase(request, "entities"),
    persons: (env, request) => env.RIGHTS.erase(request, "persons"),
    person_keys: (env, request) => env.RIGHTS.erase(request, "person_keys"),
    // The log's entries stay and say nothing: their salt went with the key, which is looked for once more.
    audit: async (env, request) => {
      const key = await env.RIGHTS.erase(request, "person_keys");
      return key.ok ? ok({ store: "audit", outcome: "shredded", count: key.value.count, left: key.value.left }) : key;
    },
  },
};

/** Trips that are still going on, as they stand, and what was scanned on any; what was bought is on the receipts. */
async function exportTrips(env: Env, request: string): Promise<StepResult> {
  const trips = await env.RIGHTS.trips(request);
  if (!trips.ok) return trips;
  const baskets: object[] = [];
  for (const { session, customer } of trips.value) {
    if (customer === null) continue;
    // Somebody else may have identified at the cart since: then the basket is theirs.
    const view = await sessionObject(env, session).viewFor(customer);
    if (!view.ok) continue;
    const { store, state, lines, totalMinor, currency, openedAt } = view.value;
    baskets.push({ session, store, state, lines, totalMinor, currency, openedAt });
  }
  const sessions = trips.value.map(({ session }) => session);
  const scans = await inGroups(sessions, (some) => env.TELEMETRY.tripEvents(some));
  return scans.ok ? exportAs(env, request, "sessions", { baskets, scans: scans.value }) : scans;
}

async function exportReceipts(env: Env, request: string): Promise<StepResult> {
  const trips = await sessionsOf(env, request);
  if (!trips.ok) return trips;
  const receipts = await inGroups(trips.value, (some) => env.STORES.receiptsOf(some));
  return receipts.ok ? exportAs(env, request, "receipts", { receipts: receipts.value }) : receipts;
}

async function inGroups<T>(
  sessions: readonly SessionId[],
  ask: (some: readonly SessionId[]) => Promise<Result<readonly T[], "unavailable">>,
): Promise<Result<readonly T[], "unavailable">> {
  const all: T[] = [];
  for (let at = 0; at < sessions.length; at += TRIPS_A_CALL) {
    const some = await ask(sessions.slice(at, at + TRIPS_A_CALL));
    if (!some.ok) return some;
    all.push(...some.value);
  }
  return ok(all);
}

async function exportAs(
  env: Env,
  request: string,
  store: "sessions" | "receipts",
  lists: Readonly<Record<string, readonly object[]>>,
): Promise<StepResult> {
  const parts = Object.entries(lists).flatMap(([name, list]) => partsOf(list).map((each) => ({ [name]: each })));
  // The first part begins the store's share anew, so there is one even of nothing: an earlier try may have found more.
  for (const [part, each] of (parts.length === 0 ? [{}] : parts).entries()) {
    const kept = await env.RIGHTS.collect(request, store, part, JSON.stringify(each));
    if (!kept.ok) return kept;
  }
  const count = Object.values(lists).reduce((sum, list) => sum + list.length, 0);
  return ok({ store, outcome: count === 0 ? "none" : "exported", count, left: 0 });
}

/** An erasure does not wait for a recipient that does not answer, once its notice is sealed: nothing of the person is needed for it. */
async function tell(env: Env, request: string): Promise<StepResult> {
  const owed = await env.RIGHTS.notices(request);
  if (!owed.ok) return owed;
  await deliverNotices(env, owed.value);
  const told = await env.RIGHTS.told(request);
  return told.ok && told.value.left > 0 ? fail("later") : told;
}

async function forgetShoppers(env: Env, request: string): Promise<StepResult> {
  const open = await env.RIGHTS.openTrips(request);
  if (!open.ok) return open;
  let [count, left] = [0, 0];
  for (const session of open.value) {
    const forgot = await sessionObject(env, session).forgetShopper();
    if (!forgot.ok) return forgot;
    count += forgot.value.count;
    left += forgot.value.left;
  }
  return ok({ store: "sessions", outcome: count === 0 ? "none" : "erased", count, left });
}

/** In calls that a room can carry; each counts its own trips, so together they are the store's answer. */
async function forgetTrips(
  env: Env,
  request: string,
  forget: (some: readonly SessionId[]) => Promise<Result<StoreAnswer, "unavailable">>,
): Promise<StepResult> {
  const trips = await sessionsOf(env, request);
  if (!trips.ok) return trips;
  let all = await forget(trips.value.slice(0, FORGOTTEN_A_CALL));
  for (let at = FORGOTTEN_A_CALL; all.ok && at < trips.value.length; at += FORGOTTEN_A_CALL) {
    const some = await forget(trips.value.slice(at, at + FORGOTTEN_A_CALL));
    all = some.ok ? ok(together(all.value, some.value)) : some;
  }
  return all;
}

/** Two answers of one store as one: the hold that ends last speaks for both. */
function together(one: StoreAnswer, other: StoreAnswer): StoreAnswer {
  const [least, most] = (one.until ?? "") < (other.until ?? "") ? [one, other] : [other, one];
  const { outcome } = most.outcome === "none" ? least : most;
  return { ...most, outcome, count: one.count + other.count, left: one.left + other.left };
}

async function sessionsOf(env: Env, request: string): Promise<Result<readonly SessionId[], "unavailable" | "unknown">> {
  const trips = await env.RIGHTS.trips(request);
  return trips.ok ? ok(trips.value.map(({ session }) => session)) : trips;
}
