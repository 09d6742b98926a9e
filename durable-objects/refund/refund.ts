import type { HandoffId, ReceiptReference } from "../../protocol/ids.ts";
import type { RefundOrder, Refunded } from "../../protocol/rooms/sessions.ts";
import type { Receipt, RefundLine, RefundQuote } from "../../protocol/rooms/stores.ts";

/** What can happen to a refund, as it is stored: the intent before any call, each outcome after it. */
export type RefundEvent =
  | {
      readonly type: "meant";
      /** A UUID: the refund's reference, and its one idempotency key at POS and processor. */
      readonly id: string;
      readonly order: RefundOrder;
      readonly quote: RefundQuote;
      readonly handoff: HandoffId;
      /** Of the correcting receipt. */
      readonly reference: ReceiptReference;
    }
  | { readonly type: "money_returned" }
  | { readonly type: "refused" }
  | { readonly type: "booked" };

/** A refund's state: what folding its rows gives. */
export interface Refund {
  readonly id: string;
  readonly order: RefundOrder;
  readonly quote: RefundQuote;
  readonly handoff: HandoffId;
  readonly reference: ReceiptReference;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly state: "meant" | "money_returned" | "refused" | "booked";
}

export function foldRefund(refund: Refund | null, event: RefundEvent, at: number): Refund {
  if (event.type === "meant") {
    const { id, order, quote, handoff, reference } = event;
    return { id, order, quote, handoff, reference, at, state: "meant" };
  }
  if (refund === null) throw new Error("a refund's first row is its intent");
  return { ...refund, state: event.type };
}

export function isOpen({ state }: Refund): boolean {
  return state === "meant" || state === "money_returned";
}

/** How long an order without a key stays the same order: a button pressed twice is not two refunds. */
export const SAME_ORDER_MS = 60_000;

/**
 * The refund that an order is a repeat of. `mismatch`: its key was used for another order.
 * @returns undefined when the order is new
 */
export function repeatOf(refunds: readonly Refund[], order: RefundOrder, now: number): Refund | "mismatch" | undefined {
  if (order.key !== null) {
    const known = refunds.find((each) => each.order.key === order.key);
    return known === undefined || isSame(known.order, order) ? known : "mismatch";
  }
  return refunds.find(
    (each) =>
      each.order.key === null &&
      isSame(each.order, order) &&
      (isOpen(each) || now - each.at < SAME_ORDER_MS) &&
      each.state !== "refused",
  );
}

function isSame(a: RefundOrder, b: RefundOrder): boolean {
  return a.reason === b.reason && linesText(a.lines) === linesText(b.lines);
}

function linesText(lines: readonly RefundLine[]): string {
  return lines
    .map(({ line, quantity }) => `${line}:${quantity}`)
    .toSorted()
    .join(" ");
}

/** Whether so much of the receipt is left, after all refunds that were not refused. One number a line. */
export function isLeft(receipt: Receipt, refunds: readonly Refund[], lines: readonly RefundLine[]): boolean {
  if (lines.length === 0 || new Set(lines.map(({ line }) => line)).size !== lines.length) return false;
  return lines.every(({ line, quantity }) => {
    const sold = receipt.lines.find((each) => each.line === line)?.quantity ?? 0;
    return Number.isSafeInteger(quantity) && quantity > 0 && quantity <= sold - takenBack(refunds, line);
  });
}

function takenBack(refunds: readonly Refund[], line: number): number {
  return refunds
    .filter(({ state }) => state !== "refused")
    .flatMap(({ order }) => order.lines)
    .reduce((sum, each) => sum + (each.line === line ? each.quantity : 0), 0);
}

/** Minor units that have gone back or are on their way. */
export function totalOf(refunds: readonly Refund[]): number {
  return refunds.filter(({ state }) => state !== "refused").reduce((sum, { quote }) => sum + quote.total.minor, 0);
}

/** What staff are told. */
export function shown({ id, order, quote, reference, state }: Refund): Refunded {
  return {
    refund: id,
    state: state === "booked" ? "refunded" : "pending",
    receipt: state === "booked" ? reference : null,
    lines: order.lines,
    totalMinor: quote.total.minor,
    taxMinor: quote.taxMinor,
    currency: quote.total.currency,
  };
}
