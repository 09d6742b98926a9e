import { WorkerEntrypoint } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { parseHandoffId, parseReceiptReference, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import type { HandoffId, ReceiptReference, SessionId, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { requireCaller, type CallerProps } from "../../protocol/rooms/boot.ts";
import type { PrivacyRequestId } from "../../protocol/rooms/privacy.ts";
import type { StoresForRights } from "../../protocol/rooms/privacy-doors.ts";
import type { SealedNotice, StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import type { Purged, Purger } from "../../protocol/rooms/retention.ts";
import type {
  ImportReport,
  PricedItem,
  PriceReason,
  Quote,
  Receipt,
  ReceiptEntry,
  RefundBooking,
  RefundLine,
  RefundQuote,
  Sale,
  SaleLine,
  ScannedCode,
  StoreFacts,
  StoresForEdge,
  StoresForOps,
  StoresForSessions,
  StoreSettings,
} from "../../protocol/rooms/stores.ts";
import { readCatalogue } from "./catalogue/csv.ts";
import { storeProducts } from "./catalogue/import.ts";
import { checkEnv, type Env } from "./env.ts";
import { forgetReceipts, receiptsOf } from "./fiscal-holds.ts";
import { purge } from "./retention.ts";
import { httpPos, posCall, type PosCall, type PosClient } from "./pos-client.ts";
import { sessionOf } from "./receipt-session.ts";
import { entryOf } from "./receipt-entry.ts";
import { catalogueKeys, priceOf, readCodes } from "./prices.ts";
import { findQuoteFault } from "./quote.ts";
import { areSaleLines, checkSale } from "./sale-check.ts";
import { bookRefund, soldReceipt, type Archive } from "./book-refund.ts";
import { posRefundQuote } from "./pos-refunds.ts";
import { isSealedNotice, posNotice } from "./privacy-notice.ts";
import { findRefundFault } from "./refund.ts";
import { areRefundLines, isBooking, isRefundId } from "./refund-check.ts";
import { sell } from "./sell.ts";
import { checkSettings, compileTemplates, posBase, type SettingsReason, type SettingsRules } from "./settings.ts";
import { stored } from "./storage.ts";
import { factsOf, readStore, readStoreAndProducts, writeStore } from "./store-record.ts";

/** As many codes as a frame may hold events, and some. */
const MAX_CODES = 1000;
/** Of a page of a person's receipts. */
const MAX_TRIPS = 50;

abstract class Door extends WorkerEntrypoint<Env, CallerProps> {
  constructor(context: ExecutionContext<CallerProps>, env: Env) {
    super(context, env);
    checkEnv(env);
  }
}

export class ForSessions extends Door implements StoresForSessions, StoresForRights, Purger {
  async facts(store: StoreId): Promise<Result<StoreFacts, "unknown_store" | "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    return facts(this.env, store);
  }

  async prices(
    store: StoreId,
    codes: readonly ScannedCode[],
  ): Promise<Result<readonly Result<PricedItem, PriceReason>[], "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    if (codes.length > MAX_CODES) throw new RangeError("too many codes in one call");
    const now = Date.now();
    const scans = readCodes(codes, now);
    const keys = scans.flatMap((scan) => (scan === null ? [] : catalogueKeys(scan)));
    const read = await stored("prices", () => readStoreAndProducts(drizzle(this.env.RETAIL), store, keys));
    if (!read.ok) return read;
    const { store: settings, products } = read.value;
    const templates = settings === undefined ? null : compileTemplates(settings);
    if (settings === undefined || templates === null) return fail("unavailable");
    const pricing = { ...settings, templates };
    const find = (item: string) => products.get(item);
    return ok(scans.map((scan, index) => priceOf(scan, codes[index]?.grams ?? null, pricing, find, now)));
  }

  async quote(
    store: StoreId,
    session: SessionId,
    handoff: HandoffId,
    lines: readonly SaleLine[],
  ): Promise<Result<Quote, "unavailable" | "refused">> {
    requireCaller(this.ctx.props, "sessions");
    if (parseSessionId(session) === undefined || parseHandoffId(handoff) === undefined || !areSaleLines(lines))
      return fail("refused");
    const found = await storeWithPos(this.env, store);
    if (!found.ok) return found;
    const { settings, pos } = found.value;
    const quote = await pos.quote(settings, session, handoff, lines);
    if (!quote.ok) return quote;
    const fault = findQuoteFault(quote.value, lines, settings);
    if (fault === null) return quote;
    console.error(JSON.stringify({ event: "quote_fault", store, handoff, fault }));
    return fail("refused");
  }

  async sell(sale: Sale): Promise<Result<ReceiptReference, "unavailable" | "refused">> {
    requireCaller(this.ctx.props, "sessions");
    const checked = checkSale(sale);
    if (!checked.ok) return checked;
    const found = await storeWithPos(this.env, checked.value.store);
    if (!found.ok) return found;
    return sell(checked.value, found.value.settings, {
      database: drizzle(this.env.RETAIL),
      receipts: this.env.RECEIPTS,
      pos: found.value.pos,
      now: Date.now(),
      random: crypto.getRandomValues(new Uint8Array(16)),
    });
  }

  async sold(
    reference: ReceiptReference,
  ): Promise<Result<{ readonly receipt: Receipt; readonly handoff: HandoffId }, "unknown" | "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    if (typeof reference !== "string" || parseReceiptReference(reference) === undefined) return fail("unknown");
    return soldReceipt(archiveOf(this.env), reference);
  }

  async quoteRefund(
    original: ReceiptReference,
    refund: string,
    lines: readonly RefundLine[],
  ): Promise<Result<RefundQuote, "unavailable" | "refused">> {
    const sold = await this.sold(original);
    if (!sold.ok) return fail(sold.reason === "unavailable" ? "unavailable" : "refused");
    if (!isRefundId(refund) || !areRefundLines(lines)) return fail("refused");
    const { receipt } = sold.value;
    const call = await callOf(this.env, receipt.store.id);
    if (!call.ok) return call;
    const quote = await posRefundQuote(call.value, receipt, refund, lines);
    if (!quote.ok) return quote;
    const fault = findRefundFault(quote.value, lines, receipt);
    if (fault === null) return quote;
    console.error(JSON.stringify({ event: "refund_quote_fault", store: receipt.store.id, refund, fault }));
    return fail("refused");
  }

  async bookRefund(booking: RefundBooking): Promise<Result<ReceiptReference, "unavailable" | "refused">> {
    requireCaller(this.ctx.props, "sessions");
    const sold = isBooking(booking) ? await this.sold(booking.original) : fail("unknown" as const);
    if (!sold.ok) return fail(sold.reason === "unavailable" ? "unavailable" : "refused");
    const call = await callOf(this.env, sold.value.receipt.store.id);
    return call.ok ? bookRefund(archiveOf(this.env), call.value, booking) : call;
  }

  /** For an erasure: what a fiscal law keeps lies apart, and the receipts are searched for anything else. */
  async forgetReceipts(
    request: PrivacyRequestId,
    sessions: readonly SessionId[],
  ): Promise<Result<StoreAnswer, "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    if (parseSessionId(request) === undefined) throw new TypeError("not a request");
    return forgetReceipts(archiveOf(this.env), checkSessions(sessions), Date.now());
  }

  async receiptsOf(sessions: readonly SessionId[]): Promise<Result<readonly Receipt[], "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    return receiptsOf(archiveOf(this.env), checkSessions(sessions));
  }

  /** For the retention object: one class of the policy, by its clock. */
  async purge(purgeClass: string, now: number): Promise<Result<Purged, "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    if (typeof purgeClass !== "string" || !Number.isSafeInteger(now)) throw new RangeError("purge is malformed");
    return purge(archiveOf(this.env), purgeClass, now);
  }

  /** Carries what only the recipient can read to the store's POS. */
  async notify(notice: SealedNotice): Promise<Result<{ readonly acknowledgement: string }, "unavailable" | "refused">> {
    requireCaller(this.ctx.props, "sessions");
    if (!isSealedNotice(notice)) return fail("refused");
    const call = await callOf(this.env, notice.store);
    return call.ok ? posNotice(call.value, notice) : call;
  }
}

export class ForEdge extends Door implements StoresForEdge {
  async receiptEntries(sessions: readonly SessionId[]): Promise<Result<readonly ReceiptEntry[], "unavailable">> {
    requireCaller(this.ctx.props, "edge");
    if (sessions.length > MAX_TRIPS) throw new RangeError("too many trips in one call");
    const receipts = await receiptsOf(archiveOf(this.env), checkSessions(sessions));
    return receipts.ok ? ok(receipts.value.map(entryOf)) : receipts;
  }

  async facts(store: StoreId): Promise<Result<StoreFacts, "unknown_store" | "unavailable">> {
    requireCaller(this.ctx.props, "edge");
    return facts(this.env, store);
  }

  /** The whole receipt at any age: what is shown of it after `expires` is the page's to cut. */
  async receipt(reference: ReceiptReference): Promise<Result<Receipt, "unknown" | "unavailable">> {
    requireCaller(this.ctx.props, "edge");
    if (typeof reference !== "string" || parseReceiptReference(reference) === undefined) return fail("unknown");
    const read = await stored("receipt", async () => {
      const object = await this.env.RECEIPTS.get(reference);
      return object === null ? null : object.json<Receipt>();
    });
    if (!read.ok) return read;
    return read.value === null ? fail("unknown") : ok(read.value);
  }
}

function checkSessions(sessions: readonly SessionId[]): readonly SessionId[] {
  if (!sessions.every((each) => parseSessionId(each) !== undefined)) throw new TypeError("not sessions");
  return sessions;
}

export class ForOps extends Door implements StoresForOps {
  async put(settings: StoreSettings): Promise<Result<undefined, SettingsReason | "currency_fixed" | "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    const checked = checkSettings(settings, rulesOf(this.env));
    if (!checked.ok) return checked;
    const written = await stored("store", () => writeStore(drizzle(this.env.RETAIL), checked.value));
    if (!written.ok) return written;
    return written.value ? ok() : fail("currency_fixed");
  }

  async importCatalogue(
    store: StoreId,
    csv: string,
  ): Promise<Result<ImportReport, "unknown_store" | "bad_header" | "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    const settings = await knownStore(this.env, store);
    if (!settings.ok) return settings;
    if (typeof csv !== "string") return fail("bad_header");
    const read = readCatalogue(csv, settings.value.currency);
    if (!read.ok) return read;
    const { rows, refused } = read.value;
    const written = await stored("catalogue", () => storeProducts(this.env.RETAIL, settings.value.store, rows));
    return written.ok ? ok({ imported: rows.length, refused }) : written;
  }

  async sessionOf(reference: ReceiptReference): Promise<Result<SessionId, "unknown_receipt" | "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    if (typeof reference !== "string" || parseReceiptReference(reference) === undefined) return fail("unknown_receipt");
    return sessionOf(drizzle(this.env.RETAIL), reference);
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

function rulesOf(env: Env): SettingsRules {
  const posHosts = env.POS_HOSTS.split(",").map((host) => host.trim().toLowerCase());
  return { cell: env.CELL === "eu" ? "eu" : "us", posHosts, plainHttp: env.JURISDICTION === "local" };
}

async function knownStore(env: Env, store: StoreId): Promise<Result<StoreSettings, "unknown_store" | "unavailable">> {
  if (typeof store !== "string" || parseStoreId(store) === undefined) return fail("unknown_store");
  const read = await stored("store", () => readStore(drizzle(env.RETAIL), store));
  if (!read.ok) return read;
  return read.value === undefined ? fail("unknown_store") : ok(read.value);
}

async function facts(env: Env, store: StoreId): Promise<Result<StoreFacts, "unknown_store" | "unavailable">> {
  const known = await knownStore(env, store);
  return known.ok ? ok(factsOf(known.value)) : known;
}

function archiveOf(env: Env): Archive {
  return { database: drizzle(env.RETAIL), receipts: env.RECEIPTS };
}

async function callOf(env: Env, store: StoreId): Promise<Result<PosCall, "unavailable" | "refused">> {
  const known = await knownStore(env, store);
  if (!known.ok) return fail(known.reason === "unavailable" ? "unavailable" : "refused");
  const base = posBase(known.value.posUrl, rulesOf(env));
  return base === null ? fail("unavailable") : ok(posCall(base, env.POS_KEY, (url, init) => fetch(url, init)));
}

/** The host is checked again at use: the allow list may have shrunk since the store's settings were put. */
async function storeWithPos(
  env: Env,
  store: StoreId,
): Promise<Result<{ settings: StoreSettings; pos: PosClient }, "unavailable" | "refused">> {
  const known = await knownStore(env, store);
  if (!known.ok) return fail(known.reason === "unavailable" ? "unavailable" : "refused");
  const base = posBase(known.value.posUrl, rulesOf(env));
  if (base === null) return fail("unavailable");
  return ok({ settings: known.value, pos: httpPos(base, env.POS_KEY, (url, init) => fetch(url, init)) });
}
