import type { Receipt } from "../../../protocol/rooms/stores.ts";

/** What is left of a receipt when its full view is over: no goods, nothing of the card, no trip. */
export type ReceiptSummary = Pick<
  Receipt,
  | "reference"
  | "number"
  | "store"
  | "issuedAt"
  | "timeZone"
  | "language"
  | "taxIncluded"
  | "currency"
  | "taxes"
  | "netMinor"
  | "taxMinor"
  | "totalMinor"
  | "expires"
  | "corrects"
>;

export function isExpired(receipt: Pick<Receipt, "expires">, now: number): boolean {
  return now >= receipt.expires;
}

export function summaryOf(receipt: Receipt): ReceiptSummary {
  const { reference, number, store, issuedAt, timeZone, language, taxIncluded } = receipt;
  const { currency, taxes, netMinor, taxMinor, totalMinor, expires, corrects } = receipt;
  return {
    reference,
    number,
    store,
    issuedAt,
    timeZone,
    language,
    taxIncluded,
    currency,
    taxes,
    netMinor,
    taxMinor,
    totalMinor,
    expires,
    ...(corrects === undefined ? {} : { corrects }),
  };
}

/** `GET /r/{reference}` as JSON: the receipt, and after its expiry the summary alone. */
export function receiptJson(receipt: Receipt, now: number): Receipt | ReceiptSummary {
  return isExpired(receipt, now) ? summaryOf(receipt) : receipt;
}

/** Date and time where the store is, with the offset that held then: `25.10.2026, 02:55:00 GMT+02:00 (Europe/Berlin)`. */
export function formatInstant(instant: string, timeZone: string, locale: string): string {
  const text = new Intl.DateTimeFormat(locale, {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "longOffset",
  }).format(Date.parse(instant));
  return `${text} (${timeZone})`;
}

export function formatDay(time: number, timeZone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone, dateStyle: "long" }).format(time);
}

/** The label's language with the store's country; the bare language where that is no locale. */
export function localeOf(language: string, country: string): string {
  return /^[A-Z]{2}$/.test(country) ? `${language}-${country}` : language;
}
