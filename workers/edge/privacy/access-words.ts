import type { PrivacyLaw } from "../../../protocol/rooms/privacy.ts";

/** What the access page says for the closed names of the file. */

export const OF_NOTHING = "nothing";

export const LAW_NAMES: Readonly<Record<PrivacyLaw, string>> = {
  gdpr: "the GDPR (Article 15)",
  "uk-gdpr": "the UK GDPR (Article 15)",
  ccpa: "the California Consumer Privacy Act (section 1798.110)",
};

const PURPOSES: Readonly<Record<string, string>> = {
  identify_loyalty: "your loyalty number was entered at a cart",
  identify_card: "your card was tapped at a cart",
  identify_pairing: "you linked a cart with the app",
  pairing_create: "a code for a cart was made",
  pairing_redeem: "a cart read your code",
  pairing_state: "the app asked what became of a code",
  pairing_confirm: "you confirmed a cart",
  account_create: "your account was made",
  card_holder_create: "a record for an unknown card was made",
  member_import: "a retailer added you as a member",
  profile_show: "your profile was shown in the app",
  profile_correct: "your profile was corrected",
  loyalty_show: "your loyalty cards were shown in the app",
  loyalty_add: "a loyalty card was added",
  loyalty_remove: "a loyalty card was removed",
  session_show: "the app asked for your trip",
  payment_method_show: "your payment methods were shown in the app",
  payment_method_add: "a payment method was added",
  receipts_show: "your receipts were listed",
  payment_method_remove: "a payment method was removed",
  privacy_request_create: "you made a privacy request",
  privacy_request_show: "your privacy requests were shown in the app",
  privacy_trips: "your trips were looked up for a privacy request",
  privacy_card_tokens: "your cards were looked up for a privacy request",
  privacy_export: "this file was made",
  privacy_correct: "a correction that you asked for was applied",
  privacy_notice: "a recipient was told of a change",
  access_file_show: "this file was opened",
};

const ROOMS: Readonly<Record<string, string>> = {
  edge: "you, through the app",
  sessions: "a cart's trip",
  payments: "a card payment at a cart",
  ops: "staff",
  rights: "the handling of your privacy request",
};

const FIELDS: Readonly<Record<string, string>> = {
  email: "e-mail",
  name: "name",
  phone: "phone",
  address: "address",
  nickname: "nickname",
  loyalty: "loyalty number",
  payment_method: "payment method",
  card_reference: "card fingerprint",
  session: "trips",
  recipient: "recipients",
  look: "who looked",
  profile: "profile",
  all: "everything in this file",
  access_file: "a file like this one, to send it to you",
};

/** A purpose that has no words yet is shown by its name: nothing is left out. */
export function purposeText(purpose: string): string {
  return PURPOSES[purpose] ?? purpose.replaceAll("_", " ");
}

export function whoText(who: string): string {
  return who.startsWith("staff:") ? `a member of staff (${who.slice(6)})` : (ROOMS[who] ?? who);
}

export function fieldsText(fields: readonly string[]): string {
  return fields.length === 0 ? "none" : fields.map((field) => FIELDS[field] ?? field).join(", ");
}
