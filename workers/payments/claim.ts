import { parseCardToken, parseCartSerial, parseHandoffId, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import { parseCurrency, type Money } from "../../protocol/money/money.ts";
import type { AuthorizationRequest } from "../../protocol/pay/contract.ts";
import type { Trip } from "../../protocol/rooms/identity.ts";
import type { HandoffClaim, VoidReason } from "../../protocol/rooms/payments.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const VOID_REASONS: readonly string[] = [
  "amount_mismatch",
  "currency_mismatch",
  "store_mismatch",
  "terminal_mismatch",
  "handoff_used",
  "basket_changed",
  "session_over",
  "capture_refused",
] satisfies VoidReason[];

/** RPC carries whatever it is given, so the door looks at every argument. */
export function isTrip(trip: Trip): boolean {
  return (
    parseSessionId(trip.session) !== undefined &&
    parseStoreId(trip.store) !== undefined &&
    parseCartSerial(trip.cart) !== undefined
  );
}

export function isToken(token: string): boolean {
  return parseCardToken(token) !== undefined;
}

/** @returns undefined when a part of the claim is not in its form */
export function authorizationRequest(claim: HandoffClaim): AuthorizationRequest | undefined {
  const { trip, handoff, terminal, amount } = claim;
  if (!isTrip(trip) || parseHandoffId(handoff) === undefined || !NAME.test(terminal) || !isPayable(amount))
    return undefined;
  return {
    handoff,
    session: trip.session,
    store: trip.store,
    terminal,
    amount_minor: amount.minor,
    currency: amount.currency,
    // The cart's hint comes from a terminal's slip: one that can't be a reference is no hint.
    reference: claim.reference !== null && NAME.test(claim.reference) ? claim.reference : null,
  };
}

export function isPayable(amount: Money): boolean {
  return Number.isSafeInteger(amount.minor) && amount.minor > 0 && parseCurrency(amount.currency) !== undefined;
}

export function isSettlement(handoff: string, authorization: string): boolean {
  return parseHandoffId(handoff) !== undefined && parseHandoffId(authorization) !== undefined;
}

export function isVoidReason(why: string): why is VoidReason {
  return VOID_REASONS.includes(why);
}
