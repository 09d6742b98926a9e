import { WorkerEntrypoint } from "cloudflare:workers";
import type { CallerProps } from "../../protocol/rooms/boot.ts";
import { type OneTripCustomer, parseSessionId, type SessionId } from "../../protocol/ids.ts";
import { ok } from "../../protocol/result.ts";
import type { IdentityForSessions, Trip } from "../../protocol/rooms/identity.ts";
import { checkTrip, required, text } from "./arguments.ts";
import { doorway } from "./doorway.ts";
import type { Env } from "./env.ts";
import { byLoyalty, end, unlink } from "./identify.ts";
import { byPairing } from "./pairing.ts";
import { isAlive } from "./session-link.ts";

/** For the carts' trips: who is shopping, as a number that is good for one trip. */
export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements IdentityForSessions {
  readonly #enter = doorway(this.env, this.ctx.props, "sessions", "ForSessions");

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
}
