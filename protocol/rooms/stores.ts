import type { CartSerial, ReceiptReference, SessionId, StoreId, HandoffId } from "../ids.ts";
import type { Currency, Money } from "../money/money.ts";
import type { EmvBlock } from "../pay/contract.ts";
import type { Result } from "../result.ts";

/** What the scanner read, and for loose goods what the scale said. */
export interface ScannedCode {
  /** Digits of a GTIN-8/12/13/14, a restricted-circulation number, a PLU, or a GS1 element string / Digital Link. */
  readonly code: string;
  /** Net grams from the cart's scale for goods sold by weight; null otherwise. */
  readonly grams: number | null;
}

/** One product as this store sells it now. Prices are gross of VAT in the EU, net of sales tax in the US. */
export interface PricedItem {
  /** The catalogue's key: GTIN-14, or `plu:<n>` / `rcn:<prefix+item>` for store numbers. */
  readonly item: string;
  readonly name: string;
  /** Price of one unit, or of one kilogram when `measure` is `weight`. Integer minor units. */
  readonly unitMinor: number;
  readonly measure: "each" | "weight";
  /** Grams that the label or the scale gave; null when sold by the piece. */
  readonly grams: number | null;
  /** The line's price for quantity 1: rounded once (half up). */
  readonly lineMinor: number;
  readonly taxClass: string;
  /** What one piece should weigh in the cart; null when the catalogue does not say. */
  readonly netGrams: number | null;
  /** Years; 0 when anyone may buy. */
  readonly minimumAge: number;
  readonly origin: "master" | "embedded";
}

export type PriceReason = "unknown_item" | "bad_code" | "weight_needed" | "expired";

/** What a session must know of its store, as it was when the trip began. */
export interface StoreFacts {
  readonly store: StoreId;
  readonly name: string;
  readonly currency: Currency;
  readonly taxIncluded: boolean;
  readonly timeZone: string;
  readonly weightToleranceGrams: number;
  readonly terminals: readonly string[];
}

export interface SaleLine {
  readonly line: number;
  readonly item: string;
  readonly name: string;
  readonly quantity: number;
  readonly grams: number | null;
  readonly unitMinor: number;
  readonly totalMinor: number;
  readonly taxClass: string;
}

export interface TaxLine {
  /** As the store's POS calls it, without its rate: e.g. `MwSt`, `State sales tax`. */
  readonly name: string;
  /** Rate in hundredths of a percent: 725 is 7.25 %. */
  readonly rateBasisPoints: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

/** The POS decides: the platform forwards the basket and carries the answer. */
export interface Quote {
  readonly quote: string;
  readonly total: Money;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly TaxLine[];
  readonly lines: readonly SaleLine[];
}

export interface Sale {
  readonly store: StoreId;
  readonly session: SessionId;
  readonly cart: CartSerial;
  /** Idempotency key of the sale. */
  readonly handoff: HandoffId;
  readonly quote: Quote;
  readonly startedAt: number;
  readonly paidAt: number;
  readonly emv: EmvBlock;
}

/** A line of a receipt that goes back, whole or in part. */
export interface RefundLine {
  /** The receipt's own line number. */
  readonly line: number;
  /** At most what was sold and has not gone back yet; goods sold by weight go back whole, as 1. */
  readonly quantity: number;
}

/** What the POS says that a refund comes to; amounts are positive. The sum of all never differs from the sale. */
export interface RefundQuote {
  readonly quote: string;
  readonly total: Money;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly TaxLine[];
  readonly lines: readonly SaleLine[];
}

export interface RefundBooking {
  /** Idempotency key of the booking. */
  readonly refund: string;
  readonly original: ReceiptReference;
  /** Of the correcting receipt. */
  readonly reference: ReceiptReference;
  readonly quote: RefundQuote;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface StoresForSessions {
  facts(store: StoreId): Promise<Result<StoreFacts, "unknown_store" | "unavailable">>;
  /** One answer a code, in order. */
  prices(
    store: StoreId,
    codes: readonly ScannedCode[],
  ): Promise<Result<readonly Result<PricedItem, PriceReason>[], "unavailable">>;
  /** Asks the store's POS for the payable total. Idempotent by the hand-off. Time-out 5 s; on none, `unavailable`. */
  quote(
    store: StoreId,
    session: SessionId,
    handoff: HandoffId,
    lines: readonly SaleLine[],
  ): Promise<Result<Quote, "unavailable" | "refused">>;
  /** Books the sale at the POS, writes the receipt. Idempotent by the hand-off: the same receipt again. */
  sell(sale: Sale): Promise<Result<ReceiptReference, "unavailable" | "refused">>;
  /** A receipt that goods can go back on, and its hand-off; a correcting receipt is none. */
  sold(
    reference: ReceiptReference,
  ): Promise<Result<{ readonly receipt: Receipt; readonly handoff: HandoffId }, "unknown" | "unavailable">>;
  /** Asks the POS what these lines come to, after all that it has taken back already. Idempotent by the refund. */
  quoteRefund(
    original: ReceiptReference,
    refund: string,
    lines: readonly RefundLine[],
  ): Promise<Result<RefundQuote, "unavailable" | "refused">>;
  /** Books the refund at the POS, writes the correcting receipt. Idempotent by the refund: the same receipt again. */
  bookRefund(booking: RefundBooking): Promise<Result<ReceiptReference, "unavailable" | "refused">>;
}

/** The receipt as JSON; the HTML shows the same. EU: Directive 2006/112/EC, Art. 226b. */
export interface Receipt {
  readonly reference: ReceiptReference;
  readonly number: string;
  readonly store: {
    readonly id: StoreId;
    readonly name: string;
    readonly legalName: string;
    readonly address: string;
    readonly taxId: string;
    readonly country: string;
  };
  readonly session: SessionId;
  readonly issuedAt: string;
  readonly startedAt: string;
  readonly timeZone: string;
  readonly language: string;
  readonly taxIncluded: boolean;
  readonly currency: Currency;
  readonly lines: readonly SaleLine[];
  readonly taxes: readonly TaxLine[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly payment: EmvBlock & { readonly result: "APPROVED"; readonly amountMinor: number };
  readonly pos: { readonly transaction: string; readonly fiscal: string | null };
  /** A correcting receipt names the one that it amends (Art. 226b (e)); its amounts are negative. */
  readonly corrects?: { readonly reference: ReceiptReference; readonly number: string; readonly issuedAt: string };
  /** Milliseconds since the epoch; the full view ends here. */
  readonly expires: number;
}

/** What a list of receipts shows of one; its reference opens it. */
export interface ReceiptEntry {
  readonly reference: ReceiptReference;
  readonly session: SessionId;
  readonly number: string;
  readonly store: { readonly id: StoreId; readonly name: string };
  readonly issuedAt: string;
  readonly timeZone: string;
  readonly currency: Currency;
  /** Negative on a correcting receipt. */
  readonly totalMinor: number;
  readonly corrects: ReceiptReference | null;
}

export interface StoresForEdge {
  /** The receipts of these trips, corrections included, in no order; 50 trips at the most. */
  receiptEntries(sessions: readonly SessionId[]): Promise<Result<readonly ReceiptEntry[], "unavailable">>;
  facts(store: StoreId): Promise<Result<StoreFacts, "unknown_store" | "unavailable">>;
  receipt(reference: ReceiptReference): Promise<Result<Receipt, "unknown" | "unavailable">>;
}

export interface StoreSettings {
  readonly store: StoreId;
  readonly name: string;
  readonly legalName: string;
  readonly address: string;
  readonly taxId: string;
  readonly country: string;
  readonly language: string;
  readonly currency: Currency;
  readonly timeZone: string;
  readonly taxIncluded: boolean;
  readonly posUrl: string;
  readonly weightToleranceGrams: number;
  readonly terminals: readonly string[];
  /** Per-store templates for restricted-circulation numbers, first match wins; conflicts are refused. */
  readonly barcodeTemplates: readonly {
    readonly pattern: string;
    readonly value: "price" | "weight";
    readonly verifier: boolean;
  }[];
  /** Minimum ages by tax class, e.g. `{ alcohol: 18 }`. */
  readonly minimumAges: Readonly<Record<string, number>>;
}

export interface ImportReport {
  readonly imported: number;
  readonly refused: readonly { readonly line: number; readonly reason: string }[];
}

export interface StoresForOps {
  put(
    settings: StoreSettings,
  ): Promise<Result<undefined, "invalid" | "currency_fixed" | "template_conflict" | "unavailable">>;
  /** CSV of `gtin,name,price_minor,currency,tax_class,net_weight_g`; bad rows are reported by line, good ones kept. */
  importCatalogue(
    store: StoreId,
    csv: string,
  ): Promise<Result<ImportReport, "unknown_store" | "bad_header" | "unavailable">>;
  /** The trip of a receipt, by which staff name its shopper without knowing them. */
  sessionOf(reference: ReceiptReference): Promise<Result<SessionId, "unknown_receipt" | "unavailable">>;
}
