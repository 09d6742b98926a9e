import { eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { Receipt, Sale } from "../../protocol/rooms/stores.ts";
import { holdOf } from "./fiscal-hold.ts";
import { fiscalHolds, receipts, sales } from "./schema.ts";

export interface SaleIntent {
  readonly digest: string;
  readonly reference: ReceiptReference;
  readonly state: "intent" | "booked";
}

/** Writes the intent, or finds the one that the hand-off has: the first reference stays. */
export async function intend(
  database: DrizzleD1Database,
  sale: Sale,
  digest: string,
  reference: ReceiptReference,
  now: number,
): Promise<SaleIntent> {
  await database
    .insert(sales)
    .values({
      handoff: sale.handoff,
      store: sale.store,
      session: sale.session,
      cart: sale.cart,
      digest,
      reference,
      state: "intent",
      totalMinor: sale.quote.total.minor,
      currency: sale.quote.total.currency,
      intentAt: now,
    })
    .onConflictDoNothing();
  const row = await database
    .select({ digest: sales.digest, reference: sales.reference, state: sales.state })
    .from(sales)
    .where(eq(sales.handoff, sale.handoff))
    .get();
  if (row === undefined) throw new Error("the intent is not there");
  return row;
}

/** Index row, what the fiscal law keeps, and the end of the intent together; again changes nothing. */
export async function markBooked(
  database: DrizzleD1Database,
  sale: Sale,
  receipt: Receipt,
  now: number,
): Promise<void> {
  const held = holdOf(receipt, now);
  await database.batch([
    database
      .insert(receipts)
      .values({
        reference: receipt.reference,
        store: sale.store,
        handoff: sale.handoff,
        number: receipt.number,
        issuedAt: sale.paidAt,
        expires: receipt.expires,
      })
      .onConflictDoNothing(),
    ...(held === undefined ? [] : [database.insert(fiscalHolds).values(held).onConflictDoNothing()]),
    database.update(sales).set({ state: "booked", bookedAt: now }).where(eq(sales.handoff, sale.handoff)),
  ]);
}
