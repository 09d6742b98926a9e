/** Identifiers, each a type of its own so that one can't stand where another is meant. */
import { fromHex, hex } from "./bytes.ts";

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** The jurisdiction that a complete copy of the platform belongs to. */
export type Cell = "us" | "eu";

/** 16 random bytes that the factory gave the cart, as 32 lower-case hex digits; the UEID (RFC 9711, 4.2.1) is 0x01 and these bytes. */
export type CartSerial = Brand<string, "CartSerial">;
/** First 8 bytes of SHA-256 over the cart's certificate (DER), as 16 lower-case hex digits. */
export type Kid = Brand<string, "Kid">;
/** A UUID (RFC 9562), lower case with hyphens. On the wire: its 16 bytes. */
export type SessionId = Brand<string, "SessionId">;
/** A UUID made at checkout; the one idempotency key of a payment from cart to processor. */
export type HandoffId = Brand<string, "HandoffId">;
/** Lower-case letters, digits and hyphens, 2 to 32 characters, e.g. `us-demo`. */
export type StoreId = Brand<string, "StoreId">;
/** 128 random bits as 32 lower-case hex digits; known to one session and to identity, dead at the session's end. Tier 2. */
export type OneTripCustomer = Brand<string, "OneTripCustomer">;
/** A random UUID. Tier 2; never leaves the identity room. */
export type CustomerId = Brand<string, "CustomerId">;
/** 24 characters of A-Z a-z 0-9, opaque and scoped (PRD-PAY-06, PRD-PAY-09). */
export type CardToken = Brand<string, "CardToken">;
/** 128 random bits as 22 characters of base64url. */
export type ReceiptReference = Brand<string, "ReceiptReference">;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const parser =
  <T extends string>(form: RegExp) =>
  (text: string): T | undefined =>
    form.test(text) ? (text as T) : undefined;

export const parseCartSerial = parser<CartSerial>(/^[0-9a-f]{32}$/);
export const parseKid = parser<Kid>(/^[0-9a-f]{16}$/);
export const parseSessionId = parser<SessionId>(UUID);
export const parseHandoffId = parser<HandoffId>(UUID);
export const parseStoreId = parser<StoreId>(/^[a-z0-9][a-z0-9-]{1,31}$/);
export const parseCardToken = parser<CardToken>(/^[A-Za-z0-9]{24}$/);
export const parseReceiptReference = parser<ReceiptReference>(/^[A-Za-z0-9_-]{22}$/);

/** The 16 bytes of a UUID as its text. */
export function uuidOf(bytes: Uint8Array): string {
  const text = hex(bytes);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** The 16 bytes of a UUID given as text. */
export function uuidBytes(uuid: string): Uint8Array {
  return fromHex(uuid.replaceAll("-", ""));
}
