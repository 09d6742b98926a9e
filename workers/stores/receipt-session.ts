import { eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { ReceiptReference, SessionId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { receipts, sales } from "./schema.ts";
import { stored } from "./storage.ts";

/** The trip of a receipt, or of the receipt that a correction belongs to. Tier 1: it says nothing of who shopped. */
export async function sessionOf(
  database: DrizzleD1Database,
  reference: ReceiptReference,
): Promise<Result<SessionId, "unknown_receipt" | "unavailable">> {
  const found = await stored("receipt", () =>
    database
      .select({ session: sales.session })
      .from(receipts)
      .innerJoin(sales, eq(sales.handoff, receipts.handoff))
      .where(eq(receipts.reference, reference))
      .get(),
  );
  if (!found.ok) return found;
  return found.value === undefined ? fail("unknown_receipt") : ok(found.value.session);
}
