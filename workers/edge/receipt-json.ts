import type { Receipt } from "../../protocol/rooms/stores.ts";

export type ReceiptSummary = Omit<Receipt, "session" | "startedAt" | "lines" | "payment" | "pos">;

/**
 * What the bearer of the reference may see: everything until `expires`, then no longer what was bought and how
 * it was paid.
 * @param now milliseconds since the epoch
 */
export function receiptJson(receipt: Receipt, now: number): Receipt | ReceiptSummary {
  if (now < receipt.expires) return receipt;
  const { session: _session, startedAt: _startedAt, lines: _lines, payment: _payment, pos: _pos, ...summary } = receipt;
  return summary;
}
