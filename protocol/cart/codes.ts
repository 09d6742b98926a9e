/** The closed set of refusals at the cart's door, and the one map to HTTP (protocol/cart.cddl, `error-answer`). */
export const CART_STATUS = {
  malformed: 400,
  signature: 401,
  cart_revoked: 403,
  cart_quarantined: 403,
  wrong_store: 403,
  attestation: 403,
  no_session: 404,
  seq: 409,
  state: 409,
  equivocation: 409,
  session_over: 410,
  too_large: 413,
  pan_detected: 422,
  identity_kind_not_allowed: 422,
  invalid_field: 422,
  too_many: 429,
  unavailable: 503,
} as const;

export type CartCode = keyof typeof CART_STATUS;

export interface CartError {
  readonly code: CartCode;
  /** With `seq`: the sequence number that is expected. */
  readonly expected?: number;
}
