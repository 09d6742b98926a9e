import { parseCurrency, type Money } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { cardExpiry, type Expiry } from "./expiry.ts";
import { cardNumber, type Scheme } from "./number.ts";

/** Who asks: the reader vendor's back end by its key, or anybody who encrypts to the CDE (the card form). */
export type Client = "reader-vendor" | "card-form";

/** A card that was checked. The CVV is not in it: it was looked at and is gone. */
export interface CheckedCard {
  readonly pan: string;
  readonly scheme: Scheme;
  readonly expiry: Expiry;
  readonly use: "identify" | "payment";
  /** The only store that the token is good in; null for a payment token. */
  readonly store: string | null;
  /** The only account that may pay with the token; null: it is made for none. */
  readonly account: string | null;
  /** What all payments with the token may come to; null: no ceiling of its own. */
  readonly ceiling: Money | null;
}

export type CardRefusal =
  | "malformed"
  | "card_number"
  | "card_scheme"
  | "card_expiry"
  | "card_cvv"
  | "use"
  | "store"
  | "scope";

/** An opaque reference of the caller's; kept as a keyed digest only. */
export const ACCOUNT = /^[A-Za-z0-9_-]{8,64}$/;

const MEMBERS = new Set(["pan", "exp", "cvv", "use", "store", "account", "ceiling_minor", "currency"]);

/**
 * Checks a tokenize request. Without a `use`, a store means "who is this here", no store means a payment token;
 * only the reader vendor may identify, and only within one store.
 */
export function checkedCard(body: unknown, client: Client, now: number): Result<CheckedCard, CardRefusal> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return fail("malformed");
  const fields = body as Record<string, unknown>;
  if (Object.keys(fields).some((name) => !MEMBERS.has(name))) return fail("malformed");
  const number = cardNumber(fields["pan"]);
  if (!number.ok) return number;
  const expiry = cardExpiry(fields["exp"], now);
  if (expiry === undefined) return fail("card_expiry");
  const cvv = fields["cvv"];
  if (cvv !== undefined && (typeof cvv !== "string" || !/^[0-9]{3,4}$/.test(cvv))) return fail("card_cvv");
  const store = fields["store"] ?? null;
  if (store !== null && (typeof store !== "string" || !/^[a-z0-9][a-z0-9-]{1,31}$/.test(store))) return fail("store");
  const use = fields["use"] ?? (store === null ? "payment" : "identify");
  if (use !== "identify" && use !== "payment") return fail("use");
  if (client === "card-form" && use !== "payment") return fail("use");
  if ((use === "identify") !== (store !== null)) return fail("store");
  const { account, ceiling_minor: minor, currency } = fields;
  if (use === "identify" && (account ?? minor ?? currency) !== undefined) return fail("scope");
  if (account !== undefined && (typeof account !== "string" || !ACCOUNT.test(account))) return fail("scope");
  const ceiling = ceilingOf(minor, currency);
  if (ceiling === undefined) return fail("scope");
  return ok({ ...number.value, expiry, use, store, account: account ?? null, ceiling });
}

/** undefined: not a ceiling; null: none. One without its currency is none either. */
function ceilingOf(minor: unknown, currency: unknown): Money | null | undefined {
  if (minor === undefined && currency === undefined) return null;
  const known = typeof currency === "string" ? parseCurrency(currency) : undefined;
  const whole = typeof minor === "number" && Number.isSafeInteger(minor) && minor > 0;
  return whole && known !== undefined ? { minor, currency: known } : undefined;
}
