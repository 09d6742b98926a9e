import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import type { Door } from "./audit-trail.ts";
import type { Env } from "./env.ts";
import { openRoom, type Room } from "./room.ts";
import { answering } from "./store-failure.ts";

/**
 * The way in through one entrypoint: opens the room and runs a call, under the name that the audit log has for it.
 * Who calls is checked here, before any argument is: who is not to come in learns nothing of what arguments look like.
 * Failure policy: closed. Without an audit entry, or with a failing store, the answer is `unavailable`.
 * @throws Error when the binding names another caller than the entrypoint is made for
 */
export function doorway(env: Env, props: CallerProps | undefined, caller: Door["caller"], entrypoint: string) {
  requireCaller(props, caller);
  return <T>(method: string, work: (room: Room) => Promise<T>) =>
    answering(async () => work(await openRoom(env, { caller, method: `${entrypoint}.${method}` })));
}
