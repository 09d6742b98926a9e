import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { CalendarDate } from "../../protocol/calendar/date.ts";
import type { CartSerial, HandoffId, ReceiptReference, SessionId, StoreId } from "../../protocol/ids.ts";
import type { Currency } from "../../protocol/money/money.ts";
import type { FiscalRule } from "../../protocol/retention/fiscal.ts";
import type { StoreSettings } from "../../protocol/rooms/stores.ts";

/** One row a store: its settings as staff put them, checked (`settings.ts`). */
export const stores = sqliteTable("stores", {
  store: text().$type<StoreId>().primaryKey(),
  name: text().notNull(),
  legalName: text("legal_name").notNull(),
  address: text().notNull(),
  taxId: text("tax_id").notNull(),
  country: text().notNull(),
  language: text().notNull(),
  currency: text().$type<Currency>().notNull(),
  timeZone: text("time_zone").notNull(),
  taxIncluded: integer("tax_included", { mode: "boolean" }).notNull(),
  posUrl: text("pos_url").notNull(),
  weightToleranceGrams: integer("weight_tolerance_grams").notNull(),
  terminals: text({ mode: "json" }).$type<StoreSettings["terminals"]>().notNull(),
  barcodeTemplates: text("barcode_templates", { mode: "json" }).$type<StoreSettings["barcodeTemplates"]>().notNull(),
  minimumAges: text("minimum_ages", { mode: "json" }).$type<StoreSettings["minimumAges"]>().notNull(),
});

/** What a store sells and for how much now: a price in another currency than the store's is not one. */
export const products = sqliteTable(
  "products",
  {
    store: text().$type<StoreId>().notNull(),
    /** GTIN-14, `plu:<n>` or `rcn:<prefix+item>`. */
    item: text().notNull(),
    name: text().notNull(),
    /** Minor units a piece, or a kilogram. */
    unitMinor: integer("unit_minor").notNull(),
    currency: text().$type<Currency>().notNull(),
    measure: text().$type<"each" | "weight">().notNull(),
    taxClass: text("tax_class").notNull(),
    netGrams: integer("net_grams"),
  },
  (table) => [primaryKey({ columns: [table.store, table.item] })],
);

/** One row a hand-off, written before the POS is asked: what makes a sale happen once. */
export const sales = sqliteTable(
  "sales",
  {
    handoff: text().$type<HandoffId>().primaryKey(),
    store: text().$type<StoreId>().notNull(),
    session: text().$type<SessionId>().notNull(),
    cart: text().$type<CartSerial>().notNull(),
    /** SHA-256 of the whole sale: the same hand-off with another content is refused. */
    digest: text().notNull(),
    reference: text().$type<ReceiptReference>().notNull(),
    state: text().$type<"intent" | "booked">().notNull(),
    totalMinor: integer("total_minor").notNull(),
    currency: text().$type<Currency>().notNull(),
    intentAt: integer("intent_at").notNull(),
    bookedAt: integer("booked_at"),
  },
  (table) => [index("sales_store").on(table.store), index("sales_by_session").on(table.session)],
);

/** Where a receipt is and how long it is shown; the receipt itself lies in R2 under its reference. */
export const receipts = sqliteTable(
  "receipts",
  {
    reference: text().$type<ReceiptReference>().primaryKey(),
    store: text().$type<StoreId>().notNull(),
    handoff: text().$type<HandoffId>().notNull(),
    /** The POS's transaction number. */
    number: text().notNull(),
    issuedAt: integer("issued_at").notNull(),
    expires: integer().notNull(),
  },
  (table) => [index("receipts_by_issue").on(table.issuedAt), index("receipts_by_handoff").on(table.handoff)],
);

/**
 * What a fiscal law keeps of a receipt, written apart when the receipt is: no session, no cart, no card, so it leads to
 * nobody. The identity room has no way here. Deleted for good after the last day.
 */
export const fiscalHolds = sqliteTable(
  "fiscal_holds",
  {
    reference: text().$type<ReceiptReference>().primaryKey(),
    store: text().$type<StoreId>().notNull(),
    /** Country of the store, which names the law. */
    jurisdiction: text().notNull(),
    recordClass: text("record_class").$type<FiscalRule["recordClass"]>().notNull(),
    law: text().notNull(),
    /** Names of what is kept, separated by spaces. */
    fields: text().notNull(),
    /** Those fields as JSON. */
    record: text().notNull(),
    begun: integer().notNull(),
    /** The last day, `yyyy-mm-dd` where the store is. */
    until: text().$type<CalendarDate>().notNull(),
  },
  (table) => [index("fiscal_holds_by_end").on(table.until)],
);
