// Answers in the shapes of Stripe's published OpenAPI. The types are those that Stripe generates from that document
// into its SDK, so an answer that lacks a required member, or has one of another type, does not compile.
import type { Stripe } from "stripe";
import type { IntentRow, RefundRow } from "./books.ts";

/** The terminal's own part of a charge: what the reader and the card said to each other. */
function cardPresent(row: IntentRow): Stripe.Charge.PaymentMethodDetails.CardPresent {
  const authorized = row.decline === null;
  return {
    amount_authorized: authorized ? row.authorized : 0,
    brand: "mastercard",
    brand_product: null,
    cardholder_name: null,
    country: "DE",
    emv_auth_data: "8A023030",
    exp_month: 12,
    exp_year: 2031,
    fingerprint: "Xt5EWLLDS7FJjR1c",
    funding: "credit",
    generated_card: null,
    incremental_authorization_supported: false,
    last4: "4444",
    network: "mastercard",
    network_transaction_id: null,
    offline: null,
    overcapture_supported: false,
    preferred_locales: ["de"],
    read_method: "contactless_emv",
    ...(row.reader === null ? {} : { reader: row.reader, location: "tml_mock" }),
    receipt: {
      account_type: "credit",
      application_cryptogram: "3F1D9E0C55B2A871",
      application_preferred_name: "Mastercard",
      authorization_code: authorized ? "123456" : null,
      authorization_response_code: authorized ? "3030" : "3531",
      cardholder_verification_method: "approval",
      dedicated_file_name: "A0000000041010",
      terminal_verification_results: "0000008001",
      transaction_status_information: "E800",
    },
    wallet: { type: "google_pay" },
  };
}

export function charge(row: IntentRow): Stripe.Charge | null {
  if (row.charge === null) return null;
  const authorized = row.decline === null;
  return {
    id: row.charge,
    object: "charge",
    amount: authorized ? row.authorized : row.amount,
    amount_captured: row.received,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: "CARTWRIGHT",
    captured: row.status === "succeeded",
    created: row.created,
    currency: row.currency,
    customer: null,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: authorized ? null : "card_declined",
    failure_message: authorized ? null : "Your card was declined.",
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: authorized,
    payment_intent: row.id,
    payment_method: "pm_mock",
    payment_method_details: { card_present: cardPresent(row), type: "card_present" },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: authorized ? "succeeded" : "failed",
    transfer_data: null,
    transfer_group: null,
  };
}

/** @param expanded whether `latest_charge` is the charge itself instead of its id */
export function paymentIntent(row: IntentRow, expanded: boolean): Stripe.PaymentIntent {
  const failed = row.decline !== null;
  return {
    id: row.id,
    object: "payment_intent",
    allowed_payment_method_types: row.types,
    amount: row.amount,
    amount_capturable: row.status === "requires_capture" ? row.authorized : 0,
    amount_received: row.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: row.status === "canceled" ? row.created + 60 : null,
    cancellation_reason: null,
    capture_method: "manual",
    client_secret: `${row.id}_secret_mock`,
    confirmation_method: "automatic",
    created: row.created,
    currency: row.currency,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: failed
      ? {
          type: "card_error",
          code: "card_declined",
          decline_code: row.decline ?? "",
          message: "Your card was declined.",
          ...(row.charge === null ? {} : { charge: row.charge }),
        }
      : null,
    latest_charge: expanded ? charge(row) : row.charge,
    livemode: false,
    managed_payments: null,
    metadata: row.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card_present: { request_extended_authorization: null, request_incremental_authorization_support: null },
    },
    payment_method_types: row.types,
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: row.status,
    transfer_data: null,
    transfer_group: null,
  };
}

export function refund(row: RefundRow): Stripe.Refund {
  return {
    id: row.id,
    object: "refund",
    amount: row.amount,
    balance_transaction: null,
    charge: null,
    created: row.created,
    currency: row.currency,
    customer: null,
    customer_account: null,
    metadata: row.metadata,
    payment_intent: row.intent,
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  };
}

export function reader(id: string, intent: string): Stripe.Terminal.Reader {
  return {
    id,
    object: "terminal.reader",
    action: {
      failure_code: null,
      failure_message: null,
      status: "in_progress",
      type: "process_payment_intent",
      process_payment_intent: { payment_intent: intent },
    } as Stripe.Terminal.Reader.Action,
    device_sw_version: null,
    device_type: "simulated_wisepos_e",
    ip_address: "0.0.0.0",
    label: id,
    last_seen_at: null,
    livemode: false,
    location: "tml_mock",
    metadata: {},
    serial_number: "mock",
    status: "online",
  };
}

/** An error's body: `type` and `code` of Stripe's published sets. */
export function errorBody(type: string, code: string | null, extra: Record<string, unknown> = {}): string {
  return JSON.stringify({
    error: { type, ...(code === null ? {} : { code }), message: "refused by the mock", ...extra },
  });
}
