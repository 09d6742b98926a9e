export interface Expiry {
  readonly month: number;
  /** Four digits. */
  readonly year: number;
}

/** The last place on Earth where a month ends is twelve hours behind UTC. */
export const LAST_TIMEZONE_MS = 12 * 3_600_000;
/** No issuer goes further ahead; a later year is a typing error. */
const MAX_YEARS_AHEAD = 20;

/**
 * Reads `MM/YY` or `MMYY`. A card is good through the last day of its month.
 * @returns undefined when it is not a date, past, or absurdly far ahead
 */
export function cardExpiry(text: unknown, now: number): Expiry | undefined {
  const match = typeof text === "string" ? /^(0[1-9]|1[0-2])\/?([0-9]{2})$/.exec(text) : null;
  if (match === null) return undefined;
  const today = new Date(now - LAST_TIMEZONE_MS);
  const month = Number(match[1]);
  const year = Math.floor(today.getUTCFullYear() / 100) * 100 + Number(match[2]);
  const ahead = (year - today.getUTCFullYear()) * 12 + (month - 1 - today.getUTCMonth());
  return ahead >= 0 && ahead <= MAX_YEARS_AHEAD * 12 ? { month, year } : undefined;
}
