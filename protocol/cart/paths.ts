import type { SessionId } from "../ids.ts";
import type { CartMessage } from "./messages.ts";

/** Where each request is POSTed; `{id}` stands for the session's UUID. */
export const CART_PATH = {
  hello: "/cart/v1/hello",
  attestation: "/cart/v1/attestation",
  open: "/cart/v1/sessions",
  events: "/cart/v1/sessions/{id}/events",
  identity: "/cart/v1/sessions/{id}/identity",
  checkout: "/cart/v1/sessions/{id}/checkout",
  payment: "/cart/v1/sessions/{id}/payment",
  close: "/cart/v1/sessions/{id}/close",
  telemetry: "/cart/v1/telemetry",
  firmware: "/cart/v1/firmware",
} as const satisfies Record<CartMessage | "hello", string>;

/** Content type of a signed frame, and of everything else on the cart's API (RFC 9052, 11.2; RFC 8949, 9.5). */
export const COSE_TYPE = 'application/cose; cose-type="cose-sign1"';
export const CBOR_TYPE = "application/cbor";

/** Messages on a path with a session's id. */
export type SessionMessage = "events" | "identity" | "checkout" | "payment" | "close";

export function sessionPath(message: SessionMessage, session: SessionId): string {
  return CART_PATH[message].replace("{id}", session);
}
