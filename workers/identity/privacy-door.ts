import { WorkerEntrypoint } from "cloudflare:workers";
import type { CallerProps } from "../../protocol/rooms/boot.ts";
import type { CustomerId } from "../../protocol/ids.ts";
import { fail, ok } from "../../protocol/result.ts";
import type { IdentityForRestores } from "../../protocol/rooms/identity.ts";
import type { IdentityForRights } from "../../protocol/rooms/privacy-doors.ts";
import type { KeyRotator } from "../../protocol/rooms/key-rotation.ts";
import type { Purger } from "../../protocol/rooms/retention.ts";
import { exportOwn } from "./access-export.ts";
import { collectPart } from "./access-parts.ts";
import { textOrNull } from "./arguments.ts";
import { doorway } from "./doorway.ts";
import type { Env } from "./env.ts";
import { erasedByReplay, eraseFrom, openTripsOf } from "./erasure.ts";
import { cardTokensOf } from "./privacy-card-tokens.ts";
import { applyCorrection } from "./privacy-correction.ts";
import { erasingCustomer, factsOf, markEnded, markStarted, tripsOf, unstartedRequests } from "./privacy-rows.ts";
import { acknowledge, noticesOf, owedNotices, toldOf } from "./recipient-notices.ts";
import { purge } from "./retention.ts";
import type { Room } from "./room.ts";
import { rotateKeys } from "./rotation.ts";
import { replayTombstones } from "./tombstone-replay.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * For the objects of privacy requests, which know a request's id and never whose it is, and for the one of retention. A malformed argument is a bug
 * of another room, so it throws.
 */
export class ForRights
  extends WorkerEntrypoint<Env, CallerProps>
  implements IdentityForRights, IdentityForRestores, Purger, KeyRotator
{
  readonly #enter = doorway(this.env, this.ctx.props, "rights", "ForRights");

  facts(request: string) {
    return this.#of("facts", request, (room) => factsOf(room, request));
  }
  unstarted() {
    return this.#enter("unstarted", unstartedRequests);
  }
  started(request: string) {
    return this.#of("started", request, (room) => markStarted(room, request));
  }
  openTrips(request: string) {
    return this.#erasing("openTrips", request, async (room, customer) => ok(await openTripsOf(room, customer)));
  }
  cardTokens(request: string) {
    return this.#erasing("cardTokens", request, cardTokensOf);
  }
  erase(request: string, store: "persons" | "person_keys" | "entities") {
    if (store !== "persons" && store !== "person_keys" && store !== "entities")
      throw new RangeError("store is malformed");
    return this.#of("erase", request, async (room) => {
      const customer = await erasingCustomer(room, request);
      return customer === undefined
        ? erasedByReplay(room, request, store)
        : eraseFrom(room, { request, customer }, store);
    });
  }
  trips(request: string) {
    return this.#of("trips", request, (room) => tripsOf(room, request));
  }
  exported(request: string, store: "persons" | "entities") {
    if (store !== "persons" && store !== "entities") throw new RangeError("store is malformed");
    return this.#of("exported", request, (room) => exportOwn(room, request, store));
  }
  collect(request: string, store: "sessions" | "receipts", part: number, json: string) {
    if ((store !== "sessions" && store !== "receipts") || !Number.isSafeInteger(part) || part < 0)
      throw new RangeError("part is malformed");
    return this.#of("collect", request, (room) => collectPart(room, request, store, part, json));
  }
  correct(request: string) {
    return this.#of("correct", request, (room) => applyCorrection(room, request));
  }
  notices(request: string) {
    return this.#of("notices", request, (room) => noticesOf(room, request));
  }
  owedNotices() {
    return this.#enter("owedNotices", owedNotices);
  }
  noticed(notice: string, acknowledgement: string) {
    if (typeof acknowledgement !== "string" || !/^[\x21-\x7e]{1,128}$/.test(acknowledgement))
      throw new RangeError("acknowledgement is malformed");
    return this.#of("noticed", notice, (room) => acknowledge(room, notice, acknowledgement));
  }
  told(request: string) {
    return this.#of("told", request, (room) => toldOf(room, request));
  }
  ended(request: string, state: "done" | "refused") {
    if (state !== "done" && state !== "refused") throw new RangeError("state is malformed");
    return this.#of("ended", request, (room) => markEnded(room, request, state));
  }
  purge(purgeClass: string, now: number) {
    if (typeof purgeClass !== "string" || !Number.isSafeInteger(now)) throw new RangeError("purge is malformed");
    return this.#enter("purge", (room) => purge(room, purgeClass, now));
  }
  replayTombstones(from: string | null) {
    return this.#enter("replayTombstones", (room) => replayTombstones(room, textOrNull("from", from, 64)));
  }
  rotateKeys(from: string | null) {
    return this.#enter("rotateKeys", (room) => rotateKeys(room, textOrNull("from", from, 128)));
  }
  #erasing<T>(method: string, request: string, work: (room: Room, customer: CustomerId) => Promise<T>) {
    return this.#of(method, request, async (room) => {
      const customer = await erasingCustomer(room, request);
      return customer === undefined ? fail("unknown") : work(room, customer);
    });
  }
  #of<T>(method: string, id: string, work: (room: Room) => Promise<T>) {
    if (typeof id !== "string" || !UUID.test(id)) throw new RangeError("request is malformed");
    return this.#enter(method, work);
  }
}
