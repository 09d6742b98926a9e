import type { FleetForEdge } from "../../protocol/rooms/fleet.ts";
import type { IdentityForEdge } from "../../protocol/rooms/identity.ts";
import type { IdentityForPrivacyApp, PrivacyForApps } from "../../protocol/rooms/privacy-doors.ts";
import type { ObjectNamespace } from "../../protocol/rooms/objects.ts";
import type { CartObject, SessionsForApps, ShoppingSessionObject } from "../../protocol/rooms/sessions.ts";
import type { StoresForEdge } from "../../protocol/rooms/stores.ts";
import { requireBindings } from "../../protocol/rooms/boot.ts";

/** An object's way for what no typed call carries: the upgrade to a WebSocket. */
interface WebSocketDoor {
  fetch(request: Request): Promise<Response>;
}

/** The generated bindings with the contract of each room that is called. */
export type Env = Omit<EdgeBindings, "IDENTITY" | "STORES" | "FLEET" | "TRIPS" | "CARTS" | "SESSIONS"> & {
  readonly IDENTITY: IdentityForEdge & IdentityForPrivacyApp;
  readonly STORES: StoresForEdge;
  readonly FLEET: FleetForEdge;
  readonly TRIPS: SessionsForApps & PrivacyForApps;
  readonly CARTS: ObjectNamespace<CartObject>;
  readonly SESSIONS: ObjectNamespace<ShoppingSessionObject & WebSocketDoor>;
};

const NAMES = [
  "IDENTITY",
  "STORES",
  "FLEET",
  "TRIPS",
  "CARTS",
  "SESSIONS",
  "DOOR_LIMIT",
  "APP_LIMIT",
  "REFUSAL_LIMIT",
  "CELL",
  "JURISDICTION",
  "OIDC_ISSUER",
  "OIDC_AUDIENCE",
] as const satisfies readonly (keyof Env)[];

let checked = false;

/**
 * Once an isolate, before the first request is served.
 * @throws Error naming the first binding that is missing; the Worker then answers nothing.
 */
export function checkBindings(env: Env): void {
  if (checked) return;
  requireBindings(env, NAMES);
  checked = true;
}
