import type { R2Bucket } from "@cloudflare/workers-types";
import { eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { HandoffId, ReceiptReference } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Receipt, RefundBooking } from "../../protocol/rooms/stores.ts";
import { holdOf } from "./fiscal-hold.ts";
import type { PosCall } from "./pos-client.ts";
import { posRefund } from "./pos-refunds.ts";
import { findRefundFault, makeCorrection } from "./refund.ts";
import { fiscalHolds, receipts } from "./schema.ts";
import { stored } from "./storage.ts";

export interface Archive {
  readonly database: DrizzleD1Database;
  readonly receipts: R2Bucket;
}

/** A receipt that goods can go back on, with the hand-off that paid for it. */
export async function soldReceipt(
  { database, receipts: bucket }: Archive,
  reference: ReceiptReference,
): Promise<Result<{ readonly receipt: Receipt; readonly handoff: HandoffId }, "unknown" | "unavailable">> {
  const read = await stored("sold", async () => {
    const object = await bucket.get(reference);
    const row = await database
      .select({ handoff: receipts.handoff })
      .from(receipts)
      .where(eq(receipts.reference, reference))
      .get();
    return object === null || row === undefined
      ? null
      : { receipt: await object.json<Receipt>(), handoff: row.handoff };
  });
  if (!read.ok) return read;
  return read.value === null || read.value.receipt.corrects !== undefined ? fail("unknown") : ok(read.value);
}

/**
 * Books a refund: POS, correcting receipt, index, in this order and each repeatable. The intent is the caller's row;
 * the POS knows the refund and takes back once.
 */
export async function bookRefund(
  archive: Archive,
  call: PosCall,
  booking: RefundBooking,
): Promise<Result<ReceiptReference, "unavailable" | "refused">> {
  const sold = await soldReceipt(archive, booking.original);
  if (!sold.ok) return fail(sold.reason === "unavailable" ? "unavailable" : "refused");
  const { receipt: original, handoff } = sold.value;
  if (findRefundFault(booking.quote, booking.quote.lines, original) !== null) return fail("refused");
  const booked = await posRefund(call, original, booking);
  if (!booked.ok) return booked;
  if (booked.value.totalMinor !== booking.quote.total.minor || booked.value.currency !== original.currency) {
    console.error(JSON.stringify({ event: "pos_refund_differs", store: original.store.id, refund: booking.refund }));
    return fail("refused");
  }
  const correction = makeCorrection(original, booking, booked.value);
  const written = await stored("correction", async () => {
    const httpMetadata = { contentType: "application/json" };
    await archive.receipts.put(booking.reference, JSON.stringify(correction), { httpMetadata });
    await archive.database
      .insert(receipts)
      .values({
        reference: booking.reference,
        store: original.store.id,
        handoff,
        number: correction.number,
        issuedAt: booking.at,
        expires: correction.expires,
      })
      .onConflictDoNothing();
    const held = holdOf(correction, booking.at);
    if (held !== undefined) await archive.database.insert(fiscalHolds).values(held).onConflictDoNothing();
  });
  return written.ok ? ok(booking.reference) : written;
}
