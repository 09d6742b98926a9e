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
}

export type CardRefusal = "malformed" | "card_number" | "card_scheme" | "card_expiry" | "card_cvv" | "use" | "store";

const MEMBERS = new Set(["pan", "exp", "cvv", "use", "store"]);

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
  return ok({ ...number.value, expiry, use, store });
}
