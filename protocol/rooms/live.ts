import type { ShopperBasket } from "./basket-json.ts";

/** The live basket: what a trip's object says to the shopper's devices over a WebSocket (RFC 6455), as JSON texts. */
export type LiveMessage =
  | { readonly type: "basket"; readonly basket: ShopperBasket }
  /** The last one; the close that follows says the same by its code. */
  | { readonly type: "closed"; readonly why: LiveEnd };

export type LiveEnd = keyof typeof LIVE_CLOSE;

/** The subprotocol that is spoken (RFC 6455, 1.9). */
export const LIVE_PROTOCOL = "cartwright.basket.v1";
/** A browser can't set headers, so its access token may come as a subprotocol: this, and the token. */
export const LIVE_BEARER = "bearer.";

/** Why the platform closes: the private range of RFC 6455, 7.4.2, but for the normal end. */
export const LIVE_CLOSE = {
  /** The trip is over. */
  ended: [1000, "the trip is over"],
  /** The shopper is not linked to the trip any more. */
  unlinked: [4001, "not linked any more"],
  /** The access token has ended; connect again with a new one. */
  token_expired: [4002, "the token has expired"],
  /** Another device took the place: so many may listen, no more. */
  too_many: [4003, "too many devices"],
  /** Something other than `ping` was sent. */
  not_taken: [4004, "nothing is taken here but ping"],
} as const;

/** Devices that may listen to one trip at a time. */
export const LIVE_DEVICES = 4;

/** From the edge to the session's object: the one-trip number of who asks. */
export const LIVE_CUSTOMER_HEADER = "cartwright-customer";
/** From the edge to the session's object: until when the token holds, ms since the epoch. */
export const LIVE_UNTIL_HEADER = "cartwright-until";
