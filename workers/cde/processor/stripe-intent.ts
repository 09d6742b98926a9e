import { parseCurrency, type Currency } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { declineOfStripe } from "./decline.ts";
import { fromProcessor } from "./exponent.ts";
import { fieldsOf, isCount, isName, type Fields } from "./fields.ts";
import type { ProcessorPayment } from "./processor.ts";
import { STRIPE_EXPONENT } from "./stripe-currency.ts";
import { stripeReceipt } from "./stripe-receipt.ts";

/** What the terminal's side writes into a PaymentIntent's `metadata`, so that the CDE finds it and matches it. */
export const STRIPE_METADATA = { handoff: "handoff", store: "store", terminal: "terminal" } as const;

/** A terminal or store that nobody named matches none that the platform knows. */
const UNSTATED = "unstated";

/**
 * A PaymentIntent with its `latest_charge` expanded, in the normal form. `foreign`: not a terminal's payment for a
 * hand-off. `unreadable`: not a whole PaymentIntent, or an amount with no exact value: it counts as no answer.
 */
export function readIntent(value: unknown): Result<ProcessorPayment, "foreign" | "unreadable"> {
  const intent = fieldsOf(value);
  if (intent["object"] !== "payment_intent" || !isName(intent["id"])) return fail("unreadable");
  const metadata = fieldsOf(intent["metadata"]);
  const handoff = metadata[STRIPE_METADATA.handoff];
  const types: unknown = intent["payment_method_types"];
  if (!Array.isArray(types) || !isCount(intent["created"])) return fail("unreadable");
  if (!isName(handoff) || !types.includes("card_present")) return fail("foreign");

  const currency = typeof intent["currency"] === "string" ? parseCurrency(intent["currency"].toUpperCase()) : undefined;
  const charge = fieldsOf(intent["latest_charge"]);
  const cardPresent = fieldsOf(fieldsOf(charge["payment_method_details"])["card_present"]);
  const state = stateOf(intent, charge);
  if (currency === undefined || state === undefined) return fail("unreadable");
  const amounts = amountsOf(state, intent, charge, cardPresent, currency);
  if (amounts === undefined) return fail("unreadable");

  const terminal = first(metadata[STRIPE_METADATA.terminal], cardPresent["reader"]);
  const store = first(metadata[STRIPE_METADATA.store], cardPresent["location"]);
  const lastError = fieldsOf(intent["last_payment_error"]);
  return ok({
    reference: intent["id"],
    handoff,
    state,
    ...amounts,
    terminal,
    store,
    emv: stripeReceipt(cardPresent, terminal, store),
    decline: state === "declined" ? declineOfStripe(lastError["decline_code"] ?? lastError["code"]) : null,
    created: intent["created"] * 1_000,
  });
}

/** @returns undefined for a status that Stripe has added since */
function stateOf(intent: Fields, charge: Fields): ProcessorPayment["state"] | undefined {
  switch (intent["status"]) {
    case "requires_payment_method":
      // A declined intent goes back to wanting a card, with the decline beside it.
      return typeof intent["last_payment_error"] === "object" && intent["last_payment_error"] !== null
        ? "declined"
        : "pending";
    case "requires_confirmation":
    case "requires_action":
    case "processing":
      return "pending";
    case "requires_capture":
      return "approved";
    case "succeeded":
      return "captured";
    case "canceled":
      // Given up at the terminal before any card was authorized: nothing to give back, and the next intent may come.
      return charge["status"] === "succeeded" ? "voided" : "declined";
    default:
      return undefined;
  }
}

type Amounts = Pick<ProcessorPayment, "amount" | "capturedMinor">;

/** What was authorized, which is less than what was asked for when the issuer approved in part. */
function amountsOf(
  state: ProcessorPayment["state"],
  intent: Fields,
  charge: Fields,
  cardPresent: Fields,
  currency: Currency,
): Amounts | undefined {
  const authorized = {
    pending: 0,
    declined: 0,
    approved: intent["amount_capturable"],
    captured: cardPresent["amount_authorized"] ?? charge["amount"],
    voided: cardPresent["amount_authorized"] ?? charge["amount"],
  }[state];
  const captured = state === "captured" ? intent["amount_received"] : 0;
  if (!isCount(authorized) || !isCount(captured)) return undefined;
  try {
    return {
      amount: fromProcessor(authorized, currency, STRIPE_EXPONENT),
      capturedMinor: fromProcessor(captured, currency, STRIPE_EXPONENT).minor,
    };
  } catch {
    return undefined;
  }
}

function first(...candidates: readonly unknown[]): string {
  return candidates.find(isName) ?? UNSTATED;
}
