import { z } from "zod";
import type { SessionId } from "../../protocol/ids.ts";
import { EXPONENT, type Currency } from "../../protocol/money/money.ts";
import type { Quote, Sale, SaleLine } from "../../protocol/rooms/stores.ts";
import type { PosStore } from "./pos-client.ts";

/** The POS's JSON: snake case, amounts in minor units. Fields that we don't know are passed over. */
const minor = z.int().min(0);
const currency = z.enum(Object.keys(EXPONENT) as [Currency, ...Currency[]]);
const printed = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u);

export const quoteAnswer = z.object({
  quote: printed(64),
  currency,
  total_minor: minor,
  net_minor: minor,
  tax_minor: minor,
  taxes: z
    .array(
      z.object({
        name: printed(60),
        rate_basis_points: z.int().min(0).max(100_000),
        net_minor: minor,
        tax_minor: minor,
      }),
    )
    .max(50),
  lines: z
    .array(
      z.object({
        line: z.int().min(0),
        item: z.string().max(64),
        name: printed(400),
        quantity: z.int().min(1),
        grams: z.int().min(0).nullable(),
        unit_minor: minor,
        total_minor: minor,
        tax_class: z.string().max(32),
      }),
    )
    .max(1000),
});

export const saleAnswer = z.object({
  transaction: printed(64),
  fiscal: printed(2000).nullable(),
  total_minor: minor,
  currency,
});

export function toQuoteBody(store: PosStore, session: SessionId, lines: readonly SaleLine[]): object {
  return {
    store: store.store,
    country: store.country,
    currency: store.currency,
    tax_included: store.taxIncluded,
    session,
    lines: lines.map((line) => ({
      line: line.line,
      item: line.item,
      name: line.name,
      quantity: line.quantity,
      grams: line.grams,
      unit_minor: line.unitMinor,
      total_minor: line.totalMinor,
      tax_class: line.taxClass,
    })),
  };
}

/** Of the card the POS gets what it prints: scheme, last four, approval code. */
export function toSaleBody(sale: Sale): object {
  return {
    store: sale.store,
    quote: sale.quote.quote,
    currency: sale.quote.total.currency,
    total_minor: sale.quote.total.minor,
    session: sale.session,
    cart: sale.cart,
    started_at: sale.startedAt,
    paid_at: sale.paidAt,
    payment: {
      scheme: sale.emv.scheme,
      last4: sale.emv.last4,
      approval_code: sale.emv.approvalCode,
      terminal: sale.emv.terminal,
    },
  };
}

export function toQuote(answer: z.infer<typeof quoteAnswer>): Quote {
  return {
    quote: answer.quote,
    total: { minor: answer.total_minor, currency: answer.currency },
    netMinor: answer.net_minor,
    taxMinor: answer.tax_minor,
    taxes: answer.taxes.map((tax) => ({
      name: tax.name,
      rateBasisPoints: tax.rate_basis_points,
      netMinor: tax.net_minor,
      taxMinor: tax.tax_minor,
    })),
    lines: answer.lines.map((line) => ({
      line: line.line,
      item: line.item,
      name: line.name,
      quantity: line.quantity,
      grams: line.grams,
      unitMinor: line.unit_minor,
      totalMinor: line.total_minor,
      taxClass: line.tax_class,
    })),
  };
}
