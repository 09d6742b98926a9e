/** An amount in integer minor units with its currency (ISO 4217). Never a float, never without the currency. */
export interface Money {
  /** Integer, in the currency's smallest unit. */
  readonly minor: number;
  readonly currency: Currency;
}

/** ISO 4217 alphabetic codes that the platform knows the exponent of. */
export type Currency = keyof typeof EXPONENT;

/** Digits after the decimal point, ISO 4217. Processors deviate: each has a table of its own. */
export const EXPONENT = {
  JPY: 0,
  KRW: 0,
  ISK: 0,
  CLP: 0,
  VND: 0,
  UGX: 0,
  USD: 2,
  EUR: 2,
  GBP: 2,
  CHF: 2,
  HUF: 2,
  CAD: 2,
  AUD: 2,
  SEK: 2,
  NOK: 2,
  DKK: 2,
  PLN: 2,
  CZK: 2,
  RON: 2,
  BGN: 2,
  KWD: 3,
  BHD: 3,
  OMR: 3,
  JOD: 3,
  TND: 3,
} as const;

export function parseCurrency(text: string): Currency | undefined {
  return Object.hasOwn(EXPONENT, text) ? (text as Currency) : undefined;
}
