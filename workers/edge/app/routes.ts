import { createRoute, z } from "@hono/zod-openapi";
import {
  createPrivacyRequest,
  eraseMe,
  listPrivacyRequests,
  readAccessFile,
  readPrivacyRequest,
} from "./privacy-routes.ts";
import { Receipt, ReceiptList, ReceiptListQuery, ReceiptParams, ReceiptSummary } from "./receipt-schemas.ts";
import { body, json, refusals, security, signedIn, withBody } from "./route-parts.ts";
import * as schemas from "./schemas.ts";

/** What the public JSON API offers: one declaration that validates, types the handlers and documents. */

export const createPairingCode = createRoute({
  method: "post",
  path: "/v1/pairing-codes",
  operationId: "createPairingCode",
  tags: ["Pairing"],
  summary: "Make a code that links you to a cart",
  description:
    "Cross-device flow after BCP 247 (RFC 10027): one use, 60 seconds at most, bound to the store, redeemed by an attested cart only. Nothing is released before it is confirmed.",
  security,
  request: { body: body(schemas.PairingRequest) },
  responses: {
    201: { description: "The code", content: json(schemas.PairingCode) },
    ...refusals(...withBody),
  },
});

export const readPairingCode = createRoute({
  method: "get",
  path: "/v1/pairing-codes/{code}",
  operationId: "readPairingCode",
  tags: ["Pairing"],
  summary: "What became of a code",
  security,
  request: { params: schemas.CodeParams },
  responses: {
    200: { description: "Its state", content: json(schemas.PairingState) },
    ...refusals(...signedIn, "not_found"),
  },
});

export const confirmPairingCode = createRoute({
  method: "post",
  path: "/v1/pairing-codes/{code}/confirm",
  operationId: "confirmPairingCode",
  tags: ["Pairing"],
  summary: "Confirm the cart that redeemed the code",
  description: "Call it when the person says that cart and app show the same two digits. No body.",
  security,
  request: { params: schemas.CodeParams },
  responses: {
    200: { description: "Its state", content: json(schemas.PairingState) },
    ...refusals(...signedIn, "not_found", "not_redeemed", "expired"),
  },
});

export const readProfile = createRoute({
  method: "get",
  path: "/v1/me",
  operationId: "readProfile",
  tags: ["Me"],
  summary: "The profile",
  security,
  responses: { 200: { description: "The profile", content: json(schemas.Profile) }, ...refusals(...signedIn) },
});

export const correctProfile = createRoute({
  method: "patch",
  path: "/v1/me",
  operationId: "correctProfile",
  tags: ["Me"],
  summary: "Correct the profile",
  security,
  request: { body: body(schemas.ProfileChange) },
  responses: {
    200: { description: "The profile as it is now", content: json(schemas.Profile) },
    ...refusals(...withBody),
  },
});

export const listLoyaltyCards = createRoute({
  method: "get",
  path: "/v1/me/loyalty-cards",
  operationId: "listLoyaltyCards",
  tags: ["Me"],
  summary: "The loyalty cards",
  security,
  responses: { 200: { description: "All of them", content: json(schemas.LoyaltyCards) }, ...refusals(...signedIn) },
});

export const addLoyaltyCard = createRoute({
  method: "post",
  path: "/v1/me/loyalty-cards",
  operationId: "addLoyaltyCard",
  tags: ["Me"],
  summary: "Add a loyalty card",
  security,
  request: { body: body(schemas.LoyaltyCardRequest) },
  responses: {
    201: { description: "The card", content: json(schemas.LoyaltyCard) },
    ...refusals(...withBody, "taken"),
  },
});

export const removeLoyaltyCard = createRoute({
  method: "delete",
  path: "/v1/me/loyalty-cards/{id}",
  operationId: "removeLoyaltyCard",
  tags: ["Me"],
  summary: "Remove a loyalty card",
  security,
  request: { params: schemas.CardParams },
  responses: { 204: { description: "It is gone" }, ...refusals(...signedIn, "not_found") },
});

export const listPaymentMethods = createRoute({
  method: "get",
  path: "/v1/me/payment-methods",
  operationId: "listPaymentMethods",
  tags: ["Me"],
  summary: "The payment methods",
  security,
  responses: { 200: { description: "All of them", content: json(schemas.PaymentMethods) }, ...refusals(...signedIn) },
});

export const addPaymentMethod = createRoute({
  method: "post",
  path: "/v1/me/payment-methods",
  operationId: "addPaymentMethod",
  tags: ["Me"],
  summary: "Add a payment method",
  description:
    "Open `/card-form` of the pay origin in a web view; it hands over a token and a signed statement of it, good for 15 minutes. From then on a tap of that card at a cart is recognised as this account. The same card again keeps its id. A statement that is not believed, whatever is wrong with it, is `invalid_field`.",
  security,
  request: { body: body(schemas.PaymentMethodRequest) },
  responses: {
    201: { description: "The payment method", content: json(schemas.PaymentMethod) },
    ...refusals(...withBody, "taken"),
  },
});

export const removePaymentMethod = createRoute({
  method: "delete",
  path: "/v1/me/payment-methods/{id}",
  operationId: "removePaymentMethod",
  tags: ["Me"],
  summary: "Remove a payment method",
  description: "A tap of the card is a stranger's from here on.",
  security,
  request: { params: schemas.CardParams },
  responses: { 204: { description: "It is gone" }, ...refusals(...signedIn, "not_found") },
});

export const readSession = createRoute({
  method: "get",
  path: "/v1/me/session",
  operationId: "readSession",
  tags: ["Me"],
  summary: "The basket of the trip that you are linked to",
  security,
  responses: {
    200: { description: "The basket", content: json(schemas.Basket) },
    ...refusals(...signedIn, "no_session"),
  },
});

export const followSession = createRoute({
  method: "get",
  path: "/v1/me/session/live",
  operationId: "followSession",
  tags: ["Me"],
  summary: "Follow the basket of the trip that you are linked to",
  description: [
    "A WebSocket (RFC 6455) with the subprotocol `cartwright.basket.v1`. Each text from the platform is JSON:",
    '`{type: "basket", basket}` at once and after every change, whole, as `GET /v1/me/session` gives it, and',
    '`{type: "closed", why}` as the last. Send `ping` to get `pong`; nothing else is taken. A page, which can set no',
    "header, offers its access token as a second subprotocol, `bearer.` and the token. Closed with 1000 when the trip is",
    "over, 4001 when you are not linked any more, 4002 when the token has ended, 4003 when a fifth device comes, 4004 for",
    "what is not `ping`; `why` says the same.",
  ].join(" "),
  security,
  responses: {
    101: { description: "The connection is a WebSocket now" },
    ...refusals(...signedIn, "no_session", "invalid_field", "upgrade_required"),
  },
});

export const listReceipts = createRoute({
  method: "get",
  path: "/v1/me/receipts",
  operationId: "listReceipts",
  tags: ["Me"],
  summary: "The receipts of your trips",
  description:
    "The newest trip first, a page at a time; a correcting receipt stands with its trip. A trip that you were unlinked from is not yours, so its receipt is not here. A page can be short: the last one is the one without `next`.",
  security,
  request: { query: ReceiptListQuery },
  responses: {
    200: { description: "A page of them", content: json(ReceiptList) },
    ...refusals(...signedIn, "invalid_field"),
  },
});

export const readReceipt = createRoute({
  method: "get",
  path: "/r/{reference}",
  operationId: "readReceipt",
  tags: ["Receipts"],
  summary: "A receipt",
  description: "The reference's 128 bits are the key: no account is needed. HTML or JSON by `Accept`.",
  request: { params: ReceiptParams },
  responses: {
    200: {
      description: "The receipt; after `expires` a summary of it",
      content: { ...json(z.union([Receipt, ReceiptSummary])), "text/html": { schema: z.string() } },
    },
    ...refusals("not_found", "not_acceptable", "pan_detected", "unavailable"),
  },
});

/** Every route of the public JSON API, in the order of the documentation. */
export const ROUTES = [
  createPairingCode,
  readPairingCode,
  confirmPairingCode,
  readProfile,
  correctProfile,
  listLoyaltyCards,
  addLoyaltyCard,
  removeLoyaltyCard,
  listPaymentMethods,
  addPaymentMethod,
  removePaymentMethod,
  readSession,
  followSession,
  listReceipts,
  createPrivacyRequest,
  listPrivacyRequests,
  readPrivacyRequest,
  readAccessFile,
  eraseMe,
  readReceipt,
] as const;
