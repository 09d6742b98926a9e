/**
 * The CDE's published contract: what its one caller, the forwarder, and its clients may know.
 * The CDE imports this file, `money` and nothing else from outside its folder.
 */
import type { Currency } from "../money/money.ts";

/** What the processor says of a payment, in one normal form. `unknown` is a state: only the processor ends it. */
export type PaymentState = "pending" | "approved" | "declined" | "captured" | "voided" | "unknown";

/**
 * What a shopper may be told of a decline. Issuers' codes for lost, stolen or suspected cards are all `declined`:
 * the holder of such a card is not to learn it.
 */
export type DeclineReason =
  | "insufficient_funds"
  | "limit"
  | "expired_card"
  | "pin"
  | "not_supported"
  | "try_again"
  | "declined";

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
  /** Why the processor declined; null or absent in every other state. */
  readonly decline?: DeclineReason | null;
  /** The processor's own reference, masked for people, null while unknown. */
  readonly processor_reference: string | null;
  /**
   * `open`: another authorization of the same hand-off may still hold money, as the processor was not reached or has
   * not confirmed its void. Absent: there is none.
   */
  readonly surplus?: "open";
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
  /** Pays with a card on file instead of a terminal, within the token's scope. */
  readonly token?: string;
  /** The account that the token was made for, if it was made for one. */
  readonly account?: string;
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
  /** The scope of a payment token: the only account that may use it, and what all its payments may come to. */
  readonly account?: string;
  readonly ceiling_minor?: number;
  readonly currency?: Currency;
}
export interface TokenizeAnswer {
  readonly token: string;
  readonly scheme: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
  /** Only for a token that the card form got: a `CardStatement` as a compact JWS (ES256) for the identity room. */
  readonly statement?: string;
}

/**
 * What the CDE signs of a card form's token, so that a room without a way to the CDE can believe it. It names no card
 * to whoever has no key of the cell; the reference is the one that `/v1/card-references` gives for the same card.
 */
export interface CardStatement {
  /** `cardStatementAudience` of the cell. */
  readonly aud: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly exp: number;
  /** base64url of the token's SHA-256; the token's 142 random bits can't be guessed from it. */
  readonly token_hash: string;
  readonly reference: string;
  readonly scheme: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
}

/** `typ` of the statement's header: what the same key signs for the forwarder can't be taken for one. */
export const CARD_STATEMENT_TYPE = "cwf-card+jws";
/** How long a statement may be shown after it was signed, seconds. */
export const CARD_STATEMENT_LIFE_SECONDS = 900;
export const cardStatementAudience = (cell: string): string => `identity/${cell}`;

/** `POST /v1/tokens/forget`: a person's erasure. Idempotency-Key: the privacy request. */
export interface ForgetRequest {
  /** UUID of the privacy request; says nothing of who asked. */
  readonly request: string;
  /** At most `FORGET_MOST_TOKENS`. */
  readonly tokens: readonly string[];
}
/** Counts of all calls for the request; `left` is looked up anew: 0, or it is not over. */
export interface ForgetAnswer {
  readonly tokens: number;
  /** Stored answers that had given one of the tokens out. */
  readonly answers: number;
  /** Card numbers with their fingerprints that no other token needed. */
  readonly cards: number;
  readonly left: number;
}
export const FORGET_MOST_TOKENS = 50;

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
