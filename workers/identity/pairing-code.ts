import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { PairingState, Trip } from "../../protocol/rooms/identity.ts";
import type { Random } from "./bytes.ts";

/** A code can be redeemed for this long (PERSONS-17). */
export const CODE_LIFE_MS = 60_000;
/** The owner may confirm for this long after the cart redeemed: RFC 10027 asks for short windows at each step. */
export const CONFIRM_WINDOW_MS = 120_000;
/** Codes that one person may ask for within a code's life. */
export const OPEN_CODES = 5;

/** Crockford's base 32: no letter that is mistaken for a digit, for people who type the code. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 26 characters of 5 bits: 130 random bits. */
const CODE_LENGTH = 26;
const QR_PREFIX = "cartwright:pair:1:";

export function newPairingCode(random: Random): string {
  return Array.from(random(CODE_LENGTH), (byte) => ALPHABET.charAt(byte & 31)).join("");
}

/** Two digits, each pair equally likely: a byte above 199 is thrown away. */
export function newConfirmation(random: Random): string {
  for (;;) {
    const byte = random(1)[0] ?? 255;
    if (byte < 200) return String(byte % 100).padStart(2, "0");
  }
}

export function qrOf(code: string): string {
  return QR_PREFIX + code;
}

/** A code as scanned (the whole QR text) or typed (any case, with spaces or hyphens, O for 0, I or L for 1). */
export function parsePairingCode(text: string): string | undefined {
  const typed = text.startsWith(QR_PREFIX) ? text.slice(QR_PREFIX.length) : text;
  const code = typed.replaceAll(/[\s-]/g, "").toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return code.length === CODE_LENGTH && /^[0-9A-HJKMNP-TV-Z]+$/.test(code) ? code : undefined;
}

/** What is kept of a code: each time is set once, in milliseconds since the epoch. */
export interface PairingRow {
  readonly store: StoreId;
  readonly confirmation: string;
  readonly expires: number;
  readonly redeemed: number | null;
  readonly session: SessionId | null;
  readonly cart: CartSerial | null;
  readonly confirmed: number | null;
  readonly revoked: number | null;
}

/** What a redemption that did not win means. A replay is a use by any other than the cart and session that won. */
export type Redemption = "pending" | "confirmed" | "refused" | "replay";

export function judgeRedemption(row: PairingRow, trip: Trip, now: number): Redemption {
  if (row.redeemed === null) return "refused";
  if (row.session !== trip.session || row.cart !== trip.cart || row.store !== trip.store) return "replay";
  if (row.revoked !== null) return "refused";
  if (row.confirmed !== null) return "confirmed";
  return now <= row.redeemed + CONFIRM_WINDOW_MS ? "pending" : "refused";
}

/** A code's state as its owner sees it. */
export function pairingState(row: PairingRow, now: number): PairingState {
  const store = row.redeemed === null ? null : row.store;
  if (row.revoked !== null) return { state: "revoked", store };
  if (row.confirmed !== null) return { state: "confirmed", store };
  if (row.redeemed === null) return { state: now < row.expires ? "open" : "expired", store };
  return { state: now <= row.redeemed + CONFIRM_WINDOW_MS ? "redeemed" : "expired", store };
}
