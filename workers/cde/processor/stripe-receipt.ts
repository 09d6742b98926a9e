import type { EmvBlock } from "../../../protocol/pay/contract.ts";
import { emvBlock } from "./emv.ts";
import { fieldsOf, type Fields } from "./fields.ts";

const ENTRIES: ReadonlyMap<unknown, EmvBlock["entry"]> = new Map([
  ["contact_emv", "chip"],
  ["contactless_emv", "contactless"],
  ["contactless_magstripe_mode", "contactless"],
  ["magnetic_stripe_fallback", "magstripe"],
  ["magnetic_stripe_track2", "magstripe"],
]);

const METHODS: ReadonlyMap<unknown, EmvBlock["cvm"]> = new Map([
  ["offline_pin", "pin"],
  ["offline_pin_and_signature", "pin"],
  ["online_pin", "pin"],
  ["signature", "signature"],
  ["none", "none"],
  // The holder was not verified, whatever was tried.
  ["failure", "none"],
]);

/**
 * A terminal's receipt data out of a charge's `payment_method_details.card_present`. null when a member is missing or
 * not in its form, as with a magnetic stripe, which has no cryptogram: money does not wait for a receipt.
 */
export function stripeReceipt(cardPresent: Fields, terminal: string, store: string): EmvBlock | null {
  const receipt = fieldsOf(cardPresent["receipt"]);
  return (
    emvBlock({
      scheme: text(cardPresent["brand"]).replaceAll("_", ""),
      last4: cardPresent["last4"],
      aid: hex(receipt["dedicated_file_name"]),
      applicationName: receipt["application_preferred_name"],
      tvr: hex(receipt["terminal_verification_results"]),
      tsi: hex(receipt["transaction_status_information"]),
      cryptogram: hex(receipt["application_cryptogram"]),
      arc: responseCode(receipt["authorization_response_code"]),
      approvalCode: text(receipt["authorization_code"]).toUpperCase(),
      cvm: cvmOf(receipt["cardholder_verification_method"], cardPresent["wallet"]),
      entry: ENTRIES.get(cardPresent["read_method"]),
      terminal,
      merchant: store.toUpperCase().replaceAll("_", "-").slice(0, 15),
    }) ?? null
  );
}

/** `approval` is what a phone or watch says that verified its holder itself (CDCVM). */
function cvmOf(method: unknown, wallet: unknown): EmvBlock["cvm"] | undefined {
  if (method === "approval") return "device";
  if (method === null) return fieldsOf(wallet)["type"] === undefined ? "none" : "device";
  return METHODS.get(method);
}

/** Tag 8A is two characters; Stripe gives their ASCII codes in hexadecimal (`3030` for `00`). */
function responseCode(value: unknown): string {
  const given = text(value).toUpperCase();
  if (!/^([0-9A-F]{2}){2}$/.test(given)) return given;
  return String.fromCharCode(Number.parseInt(given.slice(0, 2), 16), Number.parseInt(given.slice(2), 16));
}

function hex(value: unknown): string {
  return text(value).replaceAll(" ", "").toUpperCase();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
