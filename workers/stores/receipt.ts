import type { ReceiptReference } from "../../protocol/ids.ts";
import type { Receipt, Sale, StoreSettings } from "../../protocol/rooms/stores.ts";
import type { Booked } from "./pos-client.ts";

/** How long whoever has the reference sees the whole receipt. */
export const FULL_VIEW_MS = 30 * 24 * 60 * 60 * 1000;

/** 128 random bits as 22 characters of base64url: the reference is the only key to a receipt without an account. */
export function receiptReference(random: Uint8Array<ArrayBuffer>): ReceiptReference {
  if (random.length !== 16) throw new RangeError("a reference is 16 random bytes");
  const base64 = btoa(String.fromCharCode(...random));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") as ReceiptReference;
}

/**
 * The receipt of a sale. The same inputs give the same receipt, so that writing it again changes nothing.
 * Directive 2006/112/EC, Art. 226b: (a) `issuedAt`; (b) `store`; (c) `lines`; (d) `taxes`; (e) concerns corrections.
 */
export function makeReceipt(
  reference: ReceiptReference,
  sale: Sale,
  store: StoreSettings,
  booked: Pick<Booked, "transaction" | "fiscal">,
): Receipt {
  const { quote } = sale;
  return {
    reference,
    number: booked.transaction,
    store: {
      id: store.store,
      name: store.name,
      legalName: store.legalName,
      address: store.address,
      taxId: store.taxId,
      country: store.country,
    },
    session: sale.session,
    issuedAt: new Date(sale.paidAt).toISOString(),
    startedAt: new Date(sale.startedAt).toISOString(),
    timeZone: store.timeZone,
    language: store.language,
    taxIncluded: store.taxIncluded,
    currency: quote.total.currency,
    lines: quote.lines,
    taxes: quote.taxes,
    netMinor: quote.netMinor,
    taxMinor: quote.taxMinor,
    totalMinor: quote.total.minor,
    payment: { ...sale.emv, result: "APPROVED", amountMinor: quote.total.minor },
    pos: { transaction: booked.transaction, fiscal: booked.fiscal },
    expires: sale.paidAt + FULL_VIEW_MS,
  };
}
