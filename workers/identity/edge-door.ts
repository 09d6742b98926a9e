import { WorkerEntrypoint } from "cloudflare:workers";
import type { CallerProps } from "../../protocol/rooms/boot.ts";
import { parseStoreId, type StoreId } from "../../protocol/ids.ts";
import { ok } from "../../protocol/result.ts";
import type { FormToken, IdentityForEdge, Principal, Profile } from "../../protocol/rooms/identity.ts";
import type { PrivacyOrder } from "../../protocol/rooms/privacy.ts";
import type { IdentityForPrivacyApp } from "../../protocol/rooms/privacy-doors.ts";
import { readFile } from "./access-parts.ts";
import { accountOf, correctProfile, showProfile } from "./accounts.ts";
import { checkPrincipal, required, text, textOrNull } from "./arguments.ts";
import { doorway } from "./doorway.ts";
import type { Env } from "./env.ts";
import { addCard, listCards, removeCard } from "./loyalty-cards.ts";
import { ownTrips } from "./own-trips.ts";
import { confirm, createCode, stateOf } from "./pairing.ts";
import { addMethod, listMethods, removeMethod } from "./payment-methods.ts";
import { createRequest, findRequest, listRequests } from "./privacy-orders.ts";
import { recordRefusal } from "./refusals.ts";
import { openSession } from "./session-link.ts";

/** For the app API: what a signed-in person sees of themselves and changes. */
export class ForEdge extends WorkerEntrypoint<Env, CallerProps> implements IdentityForEdge, IdentityForPrivacyApp {
  readonly #enter = doorway(this.env, this.ctx.props, "edge", "ForEdge");

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
    return this.#enter("ownTrips", (room) => ownTrips(room, checkPrincipal(person), textOrNull("before", before, 64)));
  }
  createPrivacyRequest(person: Principal, order: PrivacyOrder) {
    return this.#enter("createPrivacyRequest", (room) => {
      const key = textOrNull("key", order.key, 128);
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
}
