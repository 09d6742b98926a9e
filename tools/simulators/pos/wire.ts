import { z } from "zod";
import { EXPONENT, type Currency } from "../../../protocol/money/money.ts";

/** What a shop's POS takes and answers: JSON in snake case, amounts in minor units. */
const minor = z.int().min(0);
const currency = z.enum(Object.keys(EXPONENT) as [Currency, ...Currency[]]);
const time = z.int().min(0);

export const quoteRequest = z.strictObject({
  store: z.string().min(1).max(64),
  country: z.string().regex(/^[A-Z]{2}$/),
  currency,
  tax_included: z.boolean(),
  session: z.uuid(),
  lines: z
    .array(
      z.strictObject({
        line: z.int().min(0),
        item: z.string().max(64),
        name: z.string().max(400),
        quantity: z.int().min(1),
        grams: z.int().min(0).nullable(),
        unit_minor: minor,
        total_minor: minor,
        tax_class: z.string().max(32),
      }),
    )
    .min(1)
    .max(1000),
});
export type QuoteRequest = z.infer<typeof quoteRequest>;

export const saleRequest = z.strictObject({
  store: z.string().min(1).max(64),
  quote: z.string().max(64),
  currency,
  total_minor: minor,
  session: z.uuid(),
  cart: z.string().max(64),
  started_at: time,
  paid_at: time,
  payment: z.strictObject({
    scheme: z.string().max(32),
    last4: z.string().regex(/^[0-9]{4}$/),
    approval_code: z.string().max(32),
    terminal: z.string().max(64),
  }),
});
export type SaleRequest = z.infer<typeof saleRequest>;

/** Lines of a sale that go back, by the sale's transaction number. */
export const refundQuoteRequest = z.strictObject({
  store: z.string().min(1).max(64),
  transaction: z.string().min(1).max(64),
  lines: z
    .array(z.strictObject({ line: z.int().min(0), quantity: z.int().min(1) }))
    .min(1)
    .max(1000),
});
export type RefundQuoteRequest = z.infer<typeof refundQuoteRequest>;

export const refundRequest = z.strictObject({
  store: z.string().min(1).max(64),
  quote: z.string().max(64),
  currency,
  total_minor: minor,
  reason: z.string().max(32),
});
export type RefundRequest = z.infer<typeof refundRequest>;

/** A notice about a member, sealed to the retailer's key: who carries it can't read it. */
export const noticeRequest = z.strictObject({ store: z.string().min(1).max(64), jwe: z.string().max(70_000) });

/** Misbehaviour that a test orders: of the next `times` calls to `on` in one store. */
export const behaviourRequest = z.strictObject({
  store: z.string().min(1).max(64),
  behaviour: z.enum(["time_out", "fail_once", "wrong_total"]),
  on: z.enum(["quotes", "sales", "refund-quotes", "refunds", "privacy-notices"]).default("quotes"),
  times: z.int().min(1).max(100).default(1),
});
export type BehaviourRequest = z.infer<typeof behaviourRequest>;
export type Behaviour = BehaviourRequest["behaviour"];

/** A status and a body, as the object hands them to the Worker. */
export interface PosAnswer {
  readonly status: number;
  readonly body: object;
}
