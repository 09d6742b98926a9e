import { parseCurrency, type Currency } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { BEHAVIOURS, OPERATIONS, canArm, type Behaviour, type Operation } from "./behaviour.ts";
import type { Entry } from "./emv.ts";

export interface PaymentOrder {
  readonly handoff: string;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly terminal: string;
  readonly store: string;
  readonly pan: string;
  /** null: the card is not present. */
  readonly entry: Entry | null;
}
export interface AmountOrder {
  readonly amountMinor: number;
  readonly currency: Currency;
}
export interface Arming {
  /** null: the next one, whatever its hand-off. */
  readonly handoff: string | null;
  readonly operation: Operation;
  readonly behaviour: Behaviour;
}

type Fields = Record<string, unknown>;
const ENTRIES: readonly string[] = ["contactless", "chip", "magstripe"] satisfies Entry[];

/** @returns the first field that is wrong as the reason */
export function paymentOrder(body: unknown): Result<PaymentOrder, string> {
  const fields = object(body);
  const card = object(fields["card"]);
  const amount = amountOrder(fields);
  if (!isName(fields["handoff"])) return fail("handoff");
  if (!amount.ok) return amount;
  if (!isName(fields["terminal"])) return fail("terminal");
  if (!isName(fields["store"])) return fail("store");
  if (typeof card["pan"] !== "string" || !/^\d{12,19}$/.test(card["pan"])) return fail("card");
  const entry = fields["entry"] ?? "contactless";
  if (typeof entry !== "string" || !ENTRIES.includes(entry)) return fail("entry");
  return ok({
    handoff: fields["handoff"],
    ...amount.value,
    terminal: fields["terminal"],
    store: fields["store"],
    pan: card["pan"],
    entry: entry as Entry,
  });
}

/** A payment with a card on file: its number and expiry (`MM/YY`), no terminal's data and no verification value. */
export function cardNotPresentOrder(body: unknown): Result<PaymentOrder, string> {
  const order = paymentOrder({ ...object(body), entry: undefined });
  if (!order.ok) return order;
  const { exp, ...rest } = object(object(body)["card"]);
  if (typeof exp !== "string" || !/^(0[1-9]|1[0-2])\/[0-9]{2}$/.test(exp) || Object.keys(rest).length !== 1)
    return fail("card");
  return ok({ ...order.value, entry: null });
}

export function amountOrder(body: unknown): Result<AmountOrder, string> {
  const fields = object(body);
  const minor = fields["amount_minor"];
  if (typeof minor !== "number" || !Number.isSafeInteger(minor) || minor <= 0) return fail("amount_minor");
  const currency = typeof fields["currency"] === "string" ? parseCurrency(fields["currency"]) : undefined;
  return currency === undefined ? fail("currency") : ok({ amountMinor: minor, currency });
}

export function arming(body: unknown): Result<Arming, string> {
  const fields = object(body);
  const behaviour = BEHAVIOURS.find((each) => each === fields["behaviour"]);
  const operation = OPERATIONS.find((each) => each === (fields["on"] ?? "payment"));
  const handoff = fields["handoff"] ?? null;
  if (behaviour === undefined) return fail("behaviour");
  if (operation === undefined || !canArm(operation, behaviour)) return fail("on");
  if (handoff !== null && !isName(handoff)) return fail("handoff");
  return ok({ handoff, operation, behaviour });
}

export function panOf(body: unknown): string | undefined {
  const pan = object(body)["pan"];
  return typeof pan === "string" && /^\d{12,19}$/.test(pan) ? pan : undefined;
}

function object(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(value);
}
