import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { ReceiptReference } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Sale, StoreSettings } from "../../protocol/rooms/stores.ts";
import { digestOf } from "./digest.ts";
import type { PosClient } from "./pos-client.ts";
import { findQuoteFault } from "./quote.ts";
import { makeReceipt, receiptReference } from "./receipt.ts";
import { intend, markBooked } from "./sale-record.ts";
import { stored } from "./storage.ts";

export interface SellWith {
  readonly database: DrizzleD1Database;
  readonly receipts: R2Bucket;
  readonly pos: PosClient;
  readonly now: number;
  readonly random: Uint8Array<ArrayBuffer>;
}

/**
 * Books a sale: intent, POS, receipt, index, in this order and each repeatable. After a crash anywhere the same call
 * goes the same way again and ends with the same reference; the POS knows the hand-off and sells once.
 * @param sale checked by `checkSale`
 */
export async function sell(
  sale: Sale,
  store: StoreSettings,
  { database, receipts, pos, now, random }: SellWith,
): Promise<Result<ReceiptReference, "unavailable" | "refused">> {
  if (findQuoteFault(sale.quote, sale.quote.lines, store) !== null) return fail("refused");
  const digest = await digestOf(sale);
  const intent = await stored("intent", () => intend(database, sale, digest, receiptReference(random), now));
  if (!intent.ok) return intent;
  const { reference, state } = intent.value;
  if (intent.value.digest !== digest) return fail("refused");
  if (state === "booked") return ok(reference);

  const booked = await pos.sell(sale);
  if (!booked.ok) return booked;
  if (booked.value.totalMinor !== sale.quote.total.minor || booked.value.currency !== sale.quote.total.currency) {
    console.error(JSON.stringify({ event: "pos_total_differs", store: sale.store, handoff: sale.handoff }));
    return fail("refused");
  }
  const receipt = makeReceipt(reference, sale, store, booked.value);
  const written = await stored("receipt", () =>
    receipts.put(reference, JSON.stringify(receipt), { httpMetadata: { contentType: "application/json" } }),
  );
  if (!written.ok) return written;
  const marked = await stored("booking", () => markBooked(database, sale, receipt, now));
  return marked.ok ? ok(reference) : marked;
}
