import { describe, expect, it } from "vitest";
import { declineOfResponse, declineOfStripe } from "./decline.ts";
import { readIntent } from "./stripe-intent.ts";

const RECEIPT = {
  account_type: "credit",
  application_cryptogram: "3F1D9E0C55B2A871",
  application_preferred_name: "Visa Debit",
  authorization_code: "a12345",
  authorization_response_code: "3030",
  cardholder_verification_method: "approval",
  dedicated_file_name: "A0000000031010",
  terminal_verification_results: "0000008001",
  transaction_status_information: "E800",
};
const CARD_PRESENT = {
  amount_authorized: 4_290,
  brand: "visa",
  last4: "4242",
  location: "tml_1",
  read_method: "contactless_emv",
  reader: "tmr_1",
  receipt: RECEIPT,
  wallet: { type: "apple_pay" },
};
const charge = (cardPresent: object = CARD_PRESENT, change: object = {}) => ({
  object: "charge",
  amount: 4_290,
  status: "succeeded",
  payment_method_details: { type: "card_present", card_present: cardPresent },
  ...change,
});
const INTENT = {
  id: "pi_1",
  object: "payment_intent",
  amount: 4_290,
  amount_capturable: 4_290,
  amount_received: 0,
  capture_method: "manual",
  created: 1_790_000_000,
  currency: "eur",
  last_payment_error: null,
  latest_charge: charge(),
  metadata: { handoff: "5f0c2a34-6b7a-4c55-9a39-0f7a3f1c9f10", store: "eu-demo", terminal: "T-1" },
  payment_method_types: ["card_present"],
  status: "requires_capture",
};
const read = (change: object = {}) => {
  const result = readIntent({ ...INTENT, ...change });
  return result.ok ? result.value : result.reason;
};
const receiptWith = (cardPresent: object, receipt: object = {}) => {
  const payment = read({
    latest_charge: charge({ ...CARD_PRESENT, receipt: { ...RECEIPT, ...receipt }, ...cardPresent }),
  });
  if (typeof payment === "string") throw new Error(payment);
  return payment.emv;
};

describe("a PaymentIntent's state", () => {
  it.each([
    ["requires_payment_method", {}, "pending"],
    ["requires_payment_method", { last_payment_error: { code: "card_declined" } }, "declined"],
    ["requires_confirmation", {}, "pending"],
    ["requires_action", {}, "pending"],
    ["processing", {}, "pending"],
    ["requires_capture", {}, "approved"],
    ["succeeded", { amount_received: 4_290 }, "captured"],
    ["canceled", {}, "voided"],
    ["canceled", { latest_charge: null }, "declined"],
    ["canceled", { latest_charge: charge(CARD_PRESENT, { status: "failed" }) }, "declined"],
  ])("%s with %j is %s", (status, change, state) => {
    expect(read({ status, ...change })).toMatchObject({ state });
  });

  it("gives what was authorized and captured: less than asked for after an approval in part", () => {
    expect(read({ amount_capturable: 2_145 })).toMatchObject({ amount: { minor: 2_145, currency: "EUR" } });
    const partly = charge({ ...CARD_PRESENT, amount_authorized: 2_145 });
    expect(read({ status: "succeeded", latest_charge: partly, amount_received: 2_000 })).toMatchObject({
      amount: { minor: 2_145, currency: "EUR" },
      capturedMinor: 2_000,
    });
  });

  it.each([
    ["object", "charge"],
    ["id", 1],
    ["status", "requires_something_new"],
    ["currency", "zzz"],
    ["currency", null],
    ["amount_capturable", 42.9],
    ["amount_capturable", "4290"],
    ["created", null],
    ["payment_method_types", "card_present"],
  ])("is unreadable with %s as %j", (name, value) => {
    expect(read({ [name]: value })).toBe("unreadable");
  });

  it.each([
    ["metadata", {}],
    ["metadata", null],
    ["metadata", { handoff: "a'b" }],
    ["payment_method_types", ["card"]],
  ])("is foreign with %s as %j", (name, value) => {
    expect(read({ [name]: value })).toBe("foreign");
  });

  it("names the reader and location when the terminal's side named none, and never leaves them empty", () => {
    const { handoff } = INTENT.metadata;
    expect(read({ metadata: { handoff } })).toMatchObject({ terminal: "tmr_1", store: "tml_1" });
    expect(read({ metadata: { handoff }, latest_charge: null })).toMatchObject({
      terminal: "unstated",
      store: "unstated",
    });
  });
});

describe("receipt data of a charge", () => {
  it("is the terminal's, in the normal form", () => {
    expect(receiptWith({})).toEqual({
      scheme: "visa",
      last4: "4242",
      aid: "A0000000031010",
      applicationName: "Visa Debit",
      tvr: "0000008001",
      tsi: "E800",
      cryptogram: "3F1D9E0C55B2A871",
      arc: "00",
      approvalCode: "A12345",
      cvm: "device",
      entry: "contactless",
      terminal: "T-1",
      merchant: "EU-DEMO",
    });
  });

  it.each([
    ["online_pin", "contact_emv", "pin", "chip"],
    ["offline_pin_and_signature", "contact_emv", "pin", "chip"],
    ["signature", "magnetic_stripe_fallback", "signature", "magstripe"],
    ["none", "contactless_emv", "none", "contactless"],
    ["failure", "contactless_magstripe_mode", "none", "contactless"],
  ])("says %s by %s as %s and %s", (method, read_method, cvm, entry) => {
    expect(receiptWith({ read_method }, { cardholder_verification_method: method })).toMatchObject({ cvm, entry });
  });

  it("takes a wallet's word for its holder when no method is given", () => {
    const method = { cardholder_verification_method: null };
    expect(receiptWith({}, method)).toMatchObject({ cvm: "device" });
    expect(receiptWith({ wallet: null }, method)).toMatchObject({ cvm: "none" });
  });

  it.each([
    ["application_cryptogram", null],
    ["terminal_verification_results", "zz"],
    ["application_preferred_name", "4242424242424242"],
    ["cardholder_verification_method", "by_eye"],
    ["authorization_response_code", "0a0d"],
  ])("is left out, and the payment stands, with %s as %j", (name, value) => {
    expect(receiptWith({}, { [name]: value })).toBeNull();
  });

  it("holds the last four digits and never more", () => {
    expect(receiptWith({ last4: "4242424242424242" })).toBeNull();
    expect(receiptWith({ brand: "eftpos_au" })).toMatchObject({ scheme: "eftposau" });
  });
});

describe("a decline", () => {
  it("is told by a reason of the closed set, and a lost or stolen card like any other", () => {
    const declined = (code: string | undefined) =>
      read({
        status: "requires_payment_method",
        last_payment_error: { code: "card_declined", ...(code === undefined ? {} : { decline_code: code }) },
      });
    expect(declined("insufficient_funds")).toMatchObject({ decline: "insufficient_funds", amount: { minor: 0 } });
    for (const code of ["lost_card", "stolen_card", "fraudulent", "pickup_card", "new_code", undefined])
      expect(declined(code)).toMatchObject({ state: "declined", decline: "declined" });
    expect(read()).toMatchObject({ decline: null });
  });

  it("is read from Stripe's codes and from authorization response codes", () => {
    expect([declineOfStripe("expired_card"), declineOfStripe("toString"), declineOfStripe(7)]).toEqual([
      "expired_card",
      "declined",
      "declined",
    ]);
    expect([declineOfResponse("51"), declineOfResponse("43"), declineOfResponse(undefined)]).toEqual([
      "insufficient_funds",
      "declined",
      "declined",
    ]);
  });
});
