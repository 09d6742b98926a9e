import { sumMinor } from "../../protocol/money/arithmetic.ts";
import type { Currency } from "../../protocol/money/money.ts";
import type { Quote, SaleLine } from "../../protocol/rooms/stores.ts";

export type QuoteFault = "currency" | "lines" | "net" | "total" | "nothing" | "overflow";

/**
 * Whether a quote can be paid and adds up, or what is wrong with it. The POS decides amounts, so a line's total may differ from
 * ours (a promotion); but what is sold may not, and every sum must hold: lines and tax on top are the total, or
 * lines alone where prices contain the tax; net and tax are the total in either case.
 */
export function findQuoteFault(
  quote: Quote,
  asked: readonly SaleLine[],
  store: { readonly currency: Currency; readonly taxIncluded: boolean },
): QuoteFault | null {
  if (quote.total.currency !== store.currency) return "currency";
  // No terminal authorizes nothing, and only an authorization ends a settlement: such a trip would never end.
  if (quote.total.minor === 0) return "nothing";
  const same =
    quote.lines.length === asked.length &&
    asked.every((line, index) => {
      const answered = quote.lines[index];
      return (
        answered !== undefined &&
        answered.line === line.line &&
        answered.item === line.item &&
        answered.quantity === line.quantity &&
        answered.grams === line.grams &&
        answered.taxClass === line.taxClass
      );
    });
  if (!same) return "lines";
  try {
    const goods = sumMinor(quote.lines.map((line) => line.totalMinor));
    const tax = sumMinor(quote.taxes.map((each) => each.taxMinor));
    const nets = sumMinor(quote.taxes.map((each) => each.netMinor));
    if (tax !== quote.taxMinor || quote.netMinor + quote.taxMinor !== quote.total.minor) return "net";
    if (quote.total.minor !== (store.taxIncluded ? goods : goods + tax)) return "total";
    return store.taxIncluded && nets !== quote.netMinor ? "net" : null;
  } catch (error) {
    if (error instanceof RangeError) return "overflow";
    throw error;
  }
}
