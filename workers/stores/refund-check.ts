import { z } from "zod";
import { parseReceiptReference } from "../../protocol/ids.ts";
import { EXPONENT, type Currency } from "../../protocol/money/money.ts";
import type { RefundBooking, RefundLine } from "../../protocol/rooms/stores.ts";
import { areSaleLines } from "./sale-check.ts";

const minor = z.int().min(0);
const uuid = z.uuid();
const reference = z.string().refine((text) => parseReceiptReference(text) !== undefined);

const refundLines = z
  .array(z.object({ line: minor, quantity: z.int().min(1).max(10_000) }))
  .min(1)
  .max(1000);

const booking = z.object({
  refund: uuid,
  original: reference,
  reference,
  quote: z.object({
    quote: z.string().min(1).max(64),
    total: z.object({ minor: minor.min(1), currency: z.enum(Object.keys(EXPONENT) as [Currency, ...Currency[]]) }),
    netMinor: minor,
    taxMinor: minor,
    taxes: z
      .array(z.object({ name: z.string().min(1).max(60), rateBasisPoints: minor, netMinor: minor, taxMinor: minor }))
      .max(50),
    lines: z.unknown().refine(areSaleLines),
  }),
  reason: z.string().regex(/^[a-z_]{3,32}$/),
  at: minor,
});

/** Whole numbers, one number a line. */
export function areRefundLines(lines: unknown): lines is readonly RefundLine[] {
  const parsed = refundLines.safeParse(lines);
  return parsed.success && new Set(parsed.data.map(({ line }) => line)).size === parsed.data.length;
}

export function isRefundId(refund: unknown): refund is string {
  return uuid.safeParse(refund).success;
}

export function isBooking(input: unknown): input is RefundBooking {
  return booking.safeParse(input).success;
}
