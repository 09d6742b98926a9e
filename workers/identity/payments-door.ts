import { WorkerEntrypoint } from "cloudflare:workers";
import type { CallerProps } from "../../protocol/rooms/boot.ts";
import type { IdentityForPayments, Trip } from "../../protocol/rooms/identity.ts";
import { cardReference, checkTrip } from "./arguments.ts";
import { doorway } from "./doorway.ts";
import type { Env } from "./env.ts";
import { byCard } from "./identify.ts";

/** For the room that forwards to the CDE: whose trip it is by a card's reference, never by its number. */
export class ForPayments extends WorkerEntrypoint<Env, CallerProps> implements IdentityForPayments {
  readonly #enter = doorway(this.env, this.ctx.props, "payments", "ForPayments");

  byCard(trip: Trip, reference: string) {
    return this.#enter("byCard", (room) => byCard(room, checkTrip(trip), cardReference(reference)));
  }
}
