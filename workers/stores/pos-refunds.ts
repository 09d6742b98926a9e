import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Receipt, RefundBooking, RefundLine, RefundQuote } from "../../protocol/rooms/stores.ts";
import type { Booked, PosCall, PosReason } from "./pos-client.ts";
import { quoteAnswer, saleAnswer, toQuote } from "./pos-wire.ts";

/** Asks the POS what lines of its sale come to when they go back. Key: the refund. */
export async function posRefundQuote(
  call: PosCall,
  original: Receipt,
  refund: string,
  lines: readonly RefundLine[],
): Promise<Result<RefundQuote, PosReason>> {
  const answer = await call("/v1/refund-quotes", refund, {
    store: original.store.id,
    transaction: original.pos.transaction,
    lines: lines.map(({ line, quantity }) => ({ line, quantity })),
  });
  if (!answer.ok) return answer;
  const parsed = quoteAnswer.safeParse(answer.value);
  return parsed.success ? ok(toQuote(parsed.data)) : fail("unavailable");
}

/** Books a refund at the POS. Key: the refund. */
export async function posRefund(
  call: PosCall,
  original: Receipt,
  { refund, quote, reason }: RefundBooking,
): Promise<Result<Booked, PosReason>> {
  const answer = await call("/v1/refunds", refund, {
    store: original.store.id,
    quote: quote.quote,
    currency: quote.total.currency,
    total_minor: quote.total.minor,
    reason,
  });
  if (!answer.ok) return answer;
  const parsed = saleAnswer.safeParse(answer.value);
  if (!parsed.success) return fail("unavailable");
  const { transaction, fiscal, total_minor: totalMinor, currency } = parsed.data;
  return ok({ transaction, fiscal, totalMinor, currency });
}
