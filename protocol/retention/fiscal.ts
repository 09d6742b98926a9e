import { addMonths, dateOf, partsOf, type CalendarDate } from "../calendar/date.ts";

/** What the law of a store's country makes the retailer keep of a sale, and for how long (RULING-04). */
export interface FiscalRule {
  /** ISO 3166-1 alpha-2: the country of the store. */
  readonly jurisdiction: string;
  readonly recordClass: "sales_receipt";
  /** The name that a person who asked for erasure is told; printable ASCII, as the audit log keeps it too. */
  readonly law: string;
  readonly years: number;
  /** When the years begin: at the end of the calendar year of the receipt, or on its day. */
  readonly from: "year_end" | "issue";
}

/**
 * The table that `fiscal-signature.ts` signs: whoever answers for it has read every line. A country without a line has
 * no hold: nothing is kept because of a law that nobody named.
 */
export const FISCAL_TABLE: readonly FiscalRule[] = [
  {
    // Eight years since 2025 (Viertes Bürokratieentlastungsgesetz); § 147 (4) AO and § 14b (1) UStG begin at the year's end.
    jurisdiction: "DE",
    recordClass: "sales_receipt",
    law: "AO 147(1) no. 4, (3); UStG 14b(1)",
    years: 8,
    from: "year_end",
  },
  { jurisdiction: "AT", recordClass: "sales_receipt", law: "BAO 132(1)", years: 7, from: "year_end" },
  { jurisdiction: "FR", recordClass: "sales_receipt", law: "LPF L102 B", years: 6, from: "issue" },
  { jurisdiction: "NL", recordClass: "sales_receipt", law: "AWR 52(4)", years: 7, from: "year_end" },
  {
    // No fixed term: as long as it may matter. The longest ordinary limitation is six years from the return, which is
    // filed in the year after; the states' sales-tax terms are shorter.
    jurisdiction: "US",
    recordClass: "sales_receipt",
    law: "26 CFR 1.6001-1(e); 26 U.S.C. 6501(e)(1)(A)",
    years: 7,
    from: "year_end",
  },
];

/** What is kept of a receipt, and nothing beside it: no session, no cart, no card, no terminal. */
export const FISCAL_FIELDS = [
  "reference",
  "number",
  "store",
  "issuedAt",
  "startedAt",
  "currency",
  "lines",
  "taxes",
  "netMinor",
  "taxMinor",
  "totalMinor",
  "pos",
  "corrects",
] as const;

export function fiscalRule(country: string): FiscalRule | undefined {
  return FISCAL_TABLE.find(({ jurisdiction }) => jurisdiction === country);
}

/** The last day of the hold on a receipt of this day. */
export function heldUntil({ years, from }: FiscalRule, issued: CalendarDate): CalendarDate {
  return from === "year_end" ? dateOf(partsOf(issued).year + years, 12, 31) : addMonths(issued, years * 12);
}
