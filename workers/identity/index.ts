import { WorkerEntrypoint } from "cloudflare:workers";
import {
  type OneTripCustomer,
  parseCartSerial,
  parseSessionId,
  parseStoreId,
  type SessionId,
  type StoreId,
} from "../../protocol/ids.ts";
import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import type {
  FormToken,
  IdentityForEdge,
  IdentityForOps,
  IdentityForPayments,
  IdentityForRestores,
  IdentityForSessions,
  LoyaltyFormat,
  Member,
  Principal,
  Profile,
  Trip,
} from "../../protocol/rooms/identity.ts";
import type { IdentityForRawReads, RawReadGrant, RawReadId, RawSubject } from "../../protocol/rooms/raw-read.ts";
import type {
  IdentityForPrivacyApp,
  IdentityForPrivacyOps,
  PrivacyOrder,
  Recipient,
} from "../../protocol/rooms/privacy.ts";
import type { IdentityForKeys, IdentityKey } from "../../protocol/rooms/key-rotation.ts";
import { type CalendarDate, parseCalendarDate } from "../../protocol/calendar/date.ts";
import { type fail, ok } from "../../protocol/result.ts";
import { readFile } from "./access-parts.ts";
import { accountOf, correctProfile, showProfile } from "./accounts.ts";
import type { Door } from "./audit-trail.ts";
import type { Env } from "./env.ts";
import { byCard, byLoyalty, end, unlink } from "./identify.ts";
import { addCard, listCards, registerFormat, removeCard } from "./loyalty-cards.ts";
import { importMembers } from "./members.ts";
import { ownTrips } from "./own-trips.ts";
import { byPairing, confirm, createCode, stateOf } from "./pairing.ts";
import { addMethod, listMethods, removeMethod } from "./payment-methods.ts";
import { rawRead, rosterChanged, sccChanged } from "./raw-read.ts";
import { rawReadDesk, type RawReadDesk } from "./raw-read-desk.ts";
import { openSubject, sealSubject } from "./raw-read-subject.ts";
import { createLetter, createRequest, findRequest, listRequests, requestList } from "./privacy-orders.ts";
import { keyUses } from "./key-uses.ts";
import { registerRecipient } from "./recipients.ts";
import { recordRefusal } from "./refusals.ts";
import { openRoom, type Room } from "./room.ts";
import { retireKey, rotateKeys } from "./rotation.ts";
import { isAlive, openSession } from "./session-link.ts";
import { answering } from "./store-failure.ts";
import { replayTombstones } from "./tombstone-replay.ts";

/**
 * The only room that binds both tiers (persons.md). Checks who calls, opens the room and runs the call.
 * Failure policy: closed. Without an audit entry, or with a failing store, the answer is `unavailable`.
 */
async function enter<T>(
  env: Env,
  props: CallerProps | undefined,
  door: Door,
  work: (room: Room) => Promise<T>,
): Promise<T | ReturnType<typeof fail<"unavailable">>> {
  requireCaller(props, door.caller);
  return answering(async () => work(await openRoom(env, door)));
}

export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements IdentityForSessions {
  byLoyalty(trip: Trip, loyalty: string) {
    return this.#enter("byLoyalty", (room) => byLoyalty(room, checkTrip(trip), text("loyalty", loyalty, 64)));
  }
  byPairing(trip: Trip, code: string) {
    return this.#enter("byPairing", (room) => byPairing(room, checkTrip(trip), text("code", code, 64)));
  }
  unlink(trip: Trip) {
    return this.#enter("unlink", (room) => unlink(room, checkTrip(trip).session));
  }
  isAlive(trip: Trip, customer: OneTripCustomer) {
    return this.#enter("isAlive", async (room) => {
      const number = required("customer", /^[0-9a-f]{32}$/.test(customer) ? customer : undefined);
      return ok(await isAlive(room, checkTrip(trip).session, number));
    });
  }
  end(session: SessionId) {
    return this.#enter("end", (room) => end(room, required("session", parseSessionId(session))));
  }
  #enter<T>(method: string, work: (room: Room) => Promise<T>) {
    return enter(this.env, this.ctx.props, { caller: "sessions", method: `ForSessions.${method}` }, work);
  }
}

export class ForPayments extends WorkerEntrypoint<Env, CallerProps> implements IdentityForPayments {
  byCard(trip: Trip, reference: string) {
    const door = { caller: "payments", method: "ForPayments.byCard" } as const;
    return enter(this.env, this.ctx.props, door, (room) => byCard(room, checkTrip(trip), cardReference(reference)));
  }
}

export { ForRights } from "./privacy-door.ts";

export class ForEdge extends WorkerEntrypoint<Env, CallerProps> implements IdentityForEdge, IdentityForPrivacyApp {
  profile(person: Principal) {
    return this.#enter("profile", (room) => showProfile(room, checkPrincipal(person)));
  }
  correct(person: Principal, change: Partial<Profile>) {
    return this.#enter("correct", (room) => correctProfile(room, checkPrincipal(person), { ...change }));
  }
  createPairingCode(person: Principal, store: StoreId) {
    return this.#enter("createPairingCode", async (room) => {
      const at = required("store", parseStoreId(store));
      const account = await accountOf(room, checkPrincipal(person), "pairing_create", "");
      return account.ok ? createCode(room, account.value.key, at) : account;
    });
  }
  pairingCode(person: Principal, code: string) {
    return this.#enter("pairingCode", async (room) => {
      const account = await accountOf(room, checkPrincipal(person), "pairing_state", "");
      return account.ok ? stateOf(room, account.value.key.person, text("code", code, 256)) : account;
    });
  }
  confirmPairing(person: Principal, code: string) {
    return this.#enter("confirmPairing", async (room) => {
      const account = await accountOf(room, checkPrincipal(person), "pairing_confirm", "");
      return account.ok ? confirm(room, account.value.key.person, text("code", code, 256)) : account;
    });
  }
  loyaltyCards(person: Principal) {
    return this.#enter("loyaltyCards", (room) => listCards(room, checkPrincipal(person)));
  }
  addLoyaltyCard(person: Principal, number: string) {
    return this.#enter("addLoyaltyCard", (room) => addCard(room, checkPrincipal(person), text("number", number, 256)));
  }
  removeLoyaltyCard(person: Principal, id: string) {
    return this.#enter("removeLoyaltyCard", (room) => removeCard(room, checkPrincipal(person), text("id", id, 256)));
  }
  paymentMethods(person: Principal) {
    return this.#enter("paymentMethods", (room) => listMethods(room, checkPrincipal(person)));
  }
  addPaymentMethod(person: Principal, card: FormToken) {
    return this.#enter("addPaymentMethod", (room) => {
      const token = required("token", /^[A-Za-z0-9]{24}$/.test(card.token) ? card.token : undefined);
      return addMethod(room, checkPrincipal(person), { token, statement: text("statement", card.statement, 2_048) });
    });
  }
  removePaymentMethod(person: Principal, id: string) {
    return this.#enter("removePaymentMethod", (room) =>
      removeMethod(room, checkPrincipal(person), text("id", id, 256)),
    );
  }
  currentSession(person: Principal) {
    return this.#enter("currentSession", async (room) => {
      const account = await accountOf(room, checkPrincipal(person), "session_show", "");
      return account.ok ? ok(await openSession(room, account.value.key.person)) : account;
    });
  }
  ownTrips(person: Principal, before: string | null) {
    return this.#enter("ownTrips", (room) =>
      ownTrips(room, checkPrincipal(person), before === null ? null : text("before", before, 64)),
    );
  }
  createPrivacyRequest(person: Principal, order: PrivacyOrder) {
    return this.#enter("createPrivacyRequest", (room) => {
      const key = order.key === null ? null : text("key", order.key, 128);
      return createRequest(room, checkPrincipal(person), { ...order, key });
    });
  }
  privacyRequests(person: Principal) {
    return this.#enter("privacyRequests", (room) => listRequests(room, checkPrincipal(person)));
  }
  privacyRequest(person: Principal, request: string) {
    return this.#enter("privacyRequest", (room) =>
      findRequest(room, checkPrincipal(person), text("request", request, 64)),
    );
  }
  accessFile(person: Principal, request: string) {
    return this.#enter("accessFile", (room) => readFile(room, checkPrincipal(person), text("request", request, 64)));
  }
  refused(code: string, path: string, field: string | null) {
    return this.#enter("refused", (room) => recordRefusal(room, code, path, field));
  }
  #enter<T>(method: string, work: (room: Room) => Promise<T>) {
    return enter(this.env, this.ctx.props, { caller: "edge", method: `ForEdge.${method}` }, work);
  }
}

export class ForOps
  extends WorkerEntrypoint<Env, CallerProps>
  implements IdentityForOps, IdentityForRestores, IdentityForRawReads, IdentityForPrivacyOps, IdentityForKeys
{
  registerLoyaltyFormat(format: LoyaltyFormat) {
    return this.#enter("registerLoyaltyFormat", (room) => registerFormat(room, format));
  }
  importMembers(members: readonly Member[]) {
    return this.#enter("importMembers", (room) => importMembers(room, members));
  }
  replayTombstones(from: string | null) {
    return this.#enter("replayTombstones", (room) =>
      replayTombstones(room, from === null ? null : text("from", from, 64)),
    );
  }
  keyUses() {
    return this.#enter("keyUses", keyUses);
  }
  rotateKeys(from: string | null) {
    return this.#enter("rotateKeys", (room) => rotateKeys(room, from === null ? null : text("from", from, 128)));
  }
  retireKey(key: IdentityKey, version: number, staff: string) {
    return this.#enter("retireKey", (room) => {
      if (key !== "wrapping" && key !== "index") throw new RangeError("key is malformed");
      return retireKey(
        room,
        key,
        required("version", Number.isSafeInteger(version) ? version : undefined),
        staffId(staff),
      );
    });
  }
  registerRecipient(recipient: Recipient, staff: string) {
    return this.#enter("registerRecipient", (room) => registerRecipient(room, recipient, staffId(staff)));
  }
  createLetterRequest(loyalty: string, order: Omit<PrivacyOrder, "key">, receivedOn: CalendarDate, staff: string) {
    return this.#enter("createLetterRequest", (room) => {
      const on = required("receivedOn", parseCalendarDate(receivedOn));
      return createLetter(room, text("loyalty", loyalty, 64), order, on, staffId(staff));
    });
  }
  privacyRequestList(after: string | null) {
    return this.#enter("privacyRequestList", (room) =>
      requestList(room, after === null ? null : text("after", after, 64)),
    );
  }
  sealRawSubject(id: RawReadId, subject: RawSubject) {
    return this.#raw("sealRawSubject", (desk) => sealSubject(desk, text("id", id, 26), subject));
  }
  openRawSubject(id: RawReadId, sealed: string) {
    return this.#raw("openRawSubject", (desk) => openSubject(desk, text("id", id, 26), text("sealed", sealed, 1024)));
  }
  rawRead(grant: RawReadGrant) {
    return this.#raw("rawRead", (desk) => rawRead(desk, checkGrant(grant)));
  }
  rosterChanged(record: string) {
    return this.#raw("rosterChanged", (desk) => rosterChanged(desk, text("record", record, STATEMENT)));
  }
  sccChanged(scc: string, officer: string) {
    return this.#raw("sccChanged", (desk) =>
      sccChanged(desk, text("scc", scc, STATEMENT), text("officer", officer, STATEMENT)),
    );
  }
  #raw<T>(method: string, work: (desk: RawReadDesk) => Promise<T>) {
    return this.#enter(method, async (room) => work(await rawReadDesk(this.env, room)));
  }
  #enter<T>(method: string, work: (room: Room) => Promise<T>) {
    return enter(this.env, this.ctx.props, { caller: "ops", method: `ForOps.${method}` }, work);
  }
}

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler<Env>;

/** Arguments of another room that break its own contract are a bug, so they throw; none of them is repeated. */
function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new RangeError(`${name} is malformed`);
  return value;
}

function text(name: string, value: string, longest: number): string {
  return required(name, typeof value === "string" && value.length <= longest ? value : undefined);
}

/** Characters of a signed statement of staff. */
const STATEMENT = 4096;

function checkGrant(grant: RawReadGrant): RawReadGrant {
  const { requester } = grant;
  const checked = (name: string, value: string) => text(name, value, STATEMENT);
  return {
    request: checked("request", grant.request),
    approval: checked("approval", grant.approval),
    view: checked("view", grant.view),
    approver: checked("approver", grant.approver),
    subject: checked("subject", grant.subject),
    requester:
      "record" in requester
        ? { record: checked("record", requester.record) }
        : { scc: checked("scc", requester.scc), officer: checked("officer", requester.officer) },
  };
}

function staffId(value: string): string {
  return required("staff", /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value) ? value : undefined);
}

function cardReference(value: string): string {
  return required("reference", /^[A-Za-z0-9_-]{16,128}$/.test(value) ? value : undefined);
}

function checkTrip(trip: Trip): Trip {
  return {
    session: required("session", parseSessionId(trip.session)),
    store: required("store", parseStoreId(trip.store)),
    cart: required("cart", parseCartSerial(trip.cart)),
  };
}

function checkPrincipal(person: Principal): Principal {
  text("issuer", person.issuer, 512);
  if (text("subject", person.subject, 512) === "") throw new RangeError("subject is malformed");
  return person;
}
