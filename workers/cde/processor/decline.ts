import type { DeclineReason } from "../../../protocol/pay/contract.ts";

/** Stripe's decline codes (docs.stripe.com/declines/codes) that a shopper may be told of; all others are `declined`. */
const STRIPE: ReadonlyMap<string, DeclineReason> = new Map([
  ["insufficient_funds", "insufficient_funds"],
  ["card_velocity_exceeded", "limit"],
  ["withdrawal_count_limit_exceeded", "limit"],
  ["expired_card", "expired_card"],
  ["incorrect_pin", "pin"],
  ["invalid_pin", "pin"],
  ["pin_try_exceeded", "pin"],
  ["offline_pin_required", "pin"],
  ["online_or_offline_pin_required", "pin"],
  ["card_not_supported", "not_supported"],
  ["currency_not_supported", "not_supported"],
  ["not_permitted", "not_supported"],
  ["service_not_allowed", "not_supported"],
  ["transaction_not_allowed", "not_supported"],
  ["approve_with_id", "try_again"],
  ["issuer_not_available", "try_again"],
  ["processing_error", "try_again"],
  ["reenter_transaction", "try_again"],
  ["try_again_later", "try_again"],
]);

/** Authorization response codes (EMV tag 8A, ISO 8583 data element 39) that a shopper may be told of. */
const RESPONSE: ReadonlyMap<string, DeclineReason> = new Map([
  ["51", "insufficient_funds"],
  ["54", "expired_card"],
  ["55", "pin"],
  ["57", "not_supported"],
  ["61", "limit"],
  ["65", "limit"],
  ["75", "pin"],
  ["91", "try_again"],
]);

export function declineOfStripe(code: unknown): DeclineReason {
  return (typeof code === "string" ? STRIPE.get(code) : undefined) ?? "declined";
}

export function declineOfResponse(code: string | undefined): DeclineReason {
  return (code === undefined ? undefined : RESPONSE.get(code)) ?? "declined";
}
