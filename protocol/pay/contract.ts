/**
 * The CDE's published contract: what its one caller, the forwarder, and its clients may know.
 * The CDE imports this file, `money` and nothing else from outside its folder.
 */
import type { Currency } from "../money/money.ts";

/** What the processor says of a payment, in one normal form. `unknown` is a state: only the processor ends it. */
export type PaymentState = "pending" | "approved" | "declined" | "captured" | "voided" | "unknown";

/** Receipt data of the terminal, rendered unaltered (EMV Book 4; the tags in brackets). Never a PAN: last four at most. */
export interface EmvBlock {
  readonly scheme: string;
  readonly last4: string;
  readonly aid: string;
  readonly applicationName: string;
  readonly tvr: string;
  readonly tsi: string;
  readonly cryptogram: string;
  readonly arc: string;
  readonly approvalCode: string;
  readonly cvm: "none" | "pin" | "signature" | "device";
  readonly entry: "contactless" | "chip" | "magstripe";
  readonly terminal: string;
  readonly merchant: string;
}

export interface PaymentAnswer {
  /** The CDE's own id of the authorization (UUID). */
  readonly id: string;
  readonly state: PaymentState;
  /** What the processor authorized; null while it has not said. */
  readonly amount_minor: number | null;
  readonly currency: Currency | null;
  readonly terminal: string | null;
  readonly store: string | null;
  readonly handoff: string | null;
  readonly emv: EmvBlock | null;
  /** The processor's own reference, masked for people, null while unknown. */
  readonly processor_reference: string | null;
}

/** `POST /v1/authorizations`: asks the processor what became of a terminal's hand-off. Idempotency-Key: the hand-off. */
export interface AuthorizationRequest {
  readonly handoff: string;
  readonly session: string;
  readonly store: string;
  readonly terminal: string;
  readonly amount_minor: number;
  readonly currency: Currency;
  readonly reference: string | null;
}

/** `POST /v1/card-references`: the keyed fingerprint behind a token, for the forwarder alone. */
export interface CardReferenceRequest {
  readonly token: string;
  readonly cell: string;
  readonly store: string;
}
export interface CardReferenceAnswer {
  /** base64url of 32 bytes; worth nothing in another cell. */
  readonly reference: string;
}

/** `POST /v1/payments/tokenize` */
export interface TokenizeRequest {
  readonly pan: string;
  /** `MM/YY` or `MMYY`. */
  readonly exp: string;
  /** Exists for this one request; absent for a contactless tap, which has none. */
  readonly cvv?: string;
  readonly use?: "identify" | "payment";
  readonly store?: string;
}
export interface TokenizeAnswer {
  readonly token: string;
  readonly scheme: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
}

/** `cwf-req` and `cwf-ans`: JWS (ES256) inside JWE (ECDH-ES + A256GCM), `application/jose`, compact. */
export const FORWARDER_AUDIENCE = "cartwright/pay/1";
/** A request JWS older than this is refused. */
export const FORWARDER_MAX_AGE_SECONDS = 60;

/** `POST /v1/authorizations/{id}/capture`; never above what was authorized. */
export interface CaptureRequest {
  readonly amount_minor: number;
  readonly currency: Currency;
}
/** `POST /v1/authorizations/{id}/void`; the reason is for the log of the CDE. */
export interface VoidRequest {
  readonly reason: string;
}
/** `POST /v1/authorizations/{id}/refunds`; all refunds together never above what was captured. */
export interface RefundRequest {
  readonly amount_minor: number;
  readonly currency: Currency;
}
export interface RefundAnswer {
  readonly id: string;
  readonly authorization: string;
  /** `unknown`: the processor gave no answer in time; the same Idempotency-Key asks again. */
  readonly state: "refunded" | "unknown";
  readonly amount_minor: number;
  readonly currency: Currency;
}

/** How long a token lives without being taken up: seconds, by use. Expired tokens are purged. */
export const TOKEN_LIFE_SECONDS = { identify: 3_600, payment: 86_400 } as const;
/** The `iss` and `sub` of the card-reader vendor's `private_key_jwt` (RFC 7523). */
export const READER_VENDOR_CLIENT = "reader-vendor";
/** A client assertion may end this many seconds ahead, no more. */
export const CLIENT_ASSERTION_MAX_SECONDS = 60;
/** Carries the sealed request of a GET, which has no body. */
export const FORWARDER_HEADER = "cwf-request";
/** Media type of every sealed body. */
export const JOSE_MEDIA_TYPE = "application/jose";
