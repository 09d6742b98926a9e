import { sumMinor } from "../../protocol/money/arithmetic.ts";
import type {
  Receipt,
  RefundBooking,
  RefundLine,
  RefundQuote,
  SaleLine,
  TaxLine,
} from "../../protocol/rooms/stores.ts";
import type { Booked } from "./pos-client.ts";
import { FULL_VIEW_MS } from "./receipt.ts";

export type RefundFault = "currency" | "lines" | "taxes" | "net" | "total" | "overflow";

/**
 * Whether what the POS quotes for a refund adds up and stays within its receipt, or what is wrong with it: the lines
 * that were asked for, each no dearer than it was sold; taxes of the receipt alone, each no higher than it was taken.
 */
export function findRefundFault(
  quote: RefundQuote,
  asked: readonly RefundLine[],
  original: Receipt,
): RefundFault | null {
  if (quote.total.currency !== original.currency) return "currency";
  const wanted = new Map(asked.map(({ line, quantity }) => [line, quantity]));
  const areLines =
    quote.lines.length === wanted.size &&
    quote.lines.every((each) => {
      const sold = original.lines.find(({ line }) => line === each.line);
      return sold !== undefined && wanted.get(each.line) === each.quantity && each.totalMinor <= sold.totalMinor;
    });
  if (!areLines) return "lines";
  const areTaxes = quote.taxes.every((tax) => {
    const taken = original.taxes.find((each) => isSameTax(each, tax));
    return taken !== undefined && tax.taxMinor <= taken.taxMinor && tax.netMinor <= taken.netMinor;
  });
  if (!areTaxes) return "taxes";
  try {
    const goods = sumMinor(quote.lines.map((line) => line.totalMinor));
    const tax = sumMinor(quote.taxes.map((each) => each.taxMinor));
    if (tax !== quote.taxMinor || quote.netMinor + quote.taxMinor !== quote.total.minor) return "net";
    if (quote.total.minor !== (original.taxIncluded ? goods : goods + tax)) return "total";
    return quote.total.minor > original.totalMinor ? "total" : null;
  } catch (error) {
    if (error instanceof RangeError) return "overflow";
    throw error;
  }
}

/**
 * The correcting receipt: a document of its own number that names the one it amends and what of it, with every amount
 * below zero (Directive 2006/112/EC, Art. 219 and 226b (e)). The same inputs give the same receipt.
 */
export function makeCorrection(
  original: Receipt,
  { reference, quote, at }: RefundBooking,
  booked: Pick<Booked, "transaction" | "fiscal">,
): Receipt {
  const issuedAt = new Date(at).toISOString();
  return {
    ...original,
    reference,
    number: booked.transaction,
    issuedAt,
    startedAt: issuedAt,
    lines: quote.lines.map((line): SaleLine => ({ ...line, totalMinor: below(line.totalMinor) })),
    taxes: quote.taxes.map((tax): TaxLine => ({
      ...tax,
      netMinor: below(tax.netMinor),
      taxMinor: below(tax.taxMinor),
    })),
    netMinor: below(quote.netMinor),
    taxMinor: below(quote.taxMinor),
    totalMinor: below(quote.total.minor),
    payment: { ...original.payment, amountMinor: below(quote.total.minor) },
    pos: { transaction: booked.transaction, fiscal: booked.fiscal },
    expires: at + FULL_VIEW_MS,
    corrects: { reference: original.reference, number: original.number, issuedAt: original.issuedAt },
  };
}

function isSameTax(a: TaxLine, b: TaxLine): boolean {
  return a.name === b.name && a.rateBasisPoints === b.rateBasisPoints;
}

/** Not −0. */
function below(minor: number): number {
  return minor === 0 ? 0 : -minor;
}
