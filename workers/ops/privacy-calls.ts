import type { Call } from "./calls.ts";

const privacy = ["privacy"] as const;

/** Privacy requests: those that came by letter, their deadlines, and what staff decide of them. */
export const PRIVACY_CALLS = {
  putRecipient: {
    method: "PUT",
    path: "/admin/v1/recipients/:retailer",
    roles: ["provisioning"],
    what: "Register a retailer that has members' data: the store whose POS leads to it, and its public key",
  },
  createLetterRequest: {
    method: "POST",
    path: "/staff/v1/privacy-requests",
    roles: privacy,
    what: "Enter a privacy request that came by letter, by the loyalty number",
  },
  listPrivacyRequests: {
    method: "GET",
    path: "/staff/v1/privacy-requests",
    roles: privacy,
    what: "List open privacy requests, then those of the last 30 days, with deadlines and what is overdue; `cursor` goes on where `next` says",
  },
  seePrivacyRequest: {
    method: "GET",
    path: "/staff/v1/privacy-requests/:request",
    roles: privacy,
    what: "See where a privacy request stands; no person, no field",
  },
  checkPrivacyIdentity: {
    method: "POST",
    path: "/staff/v1/privacy-requests/:request/identity-check",
    roles: privacy,
    what: "Say that who wrote the letter was checked, and how",
  },
  confirmPrivacyReceipt: {
    method: "POST",
    path: "/staff/v1/privacy-requests/:request/receipt-confirmation",
    roles: privacy,
    what: "Say that the sender of a CCPA letter was told of its receipt",
  },
  extendPrivacyRequest: {
    method: "POST",
    path: "/staff/v1/privacy-requests/:request/extension",
    roles: privacy,
    what: "Extend the period once, naming the reason; the person is told",
  },
  refusePrivacyRequest: {
    method: "POST",
    path: "/staff/v1/privacy-requests/:request/refusal",
    roles: privacy,
    what: "Refuse, naming the law",
  },
} as const satisfies Readonly<Record<string, Call>>;
