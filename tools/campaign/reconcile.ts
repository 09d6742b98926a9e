import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { CartView } from "./trips.ts";
import type { BookedPayment } from "./world.ts";

/** All that the four sets of books say of one trip. */
export interface Account {
  readonly view: CartView;
  /** The processor's, over all hand-offs of the trip. */
  readonly payments: readonly BookedPayment[];
  readonly receipt: Receipt | null;
  /** The POS's total of the receipt's number; null when it has no such sale. */
  readonly posMinor: number | null;
}

export interface Findings {
  /** Trips whose shopper was charged more than the receipt says, or more than once. */
  readonly doubleCharges: readonly string[];
  /** Trips where money, sale, receipt and the cart's view are not the same: something was taken or given for nothing. */
  readonly lostCharges: readonly string[];
  /** Trips of which the processor still holds an authorization that nobody will capture. */
  readonly held: readonly string[];
  /** Trips that had no certain end. */
  readonly uncertain: readonly string[];
}

/** Holds the processor's books, the POS's sales, the receipts and the carts' views against each other. Pure. */
export function reconcile(accounts: readonly Account[]): Findings {
  const of = (wrong: (account: Account) => boolean) => accounts.filter(wrong).map(({ view }) => view.session);
  return {
    doubleCharges: of(isDouble),
    lostCharges: of(isLost),
    held: of(({ payments }) => payments.some(({ state }) => state === "authorized" || state === "processing")),
    uncertain: of(({ view }) => view.problem !== null),
  };
}

function isDouble({ payments, receipt }: Account): boolean {
  const captures = payments.reduce((sum, { captures: each }) => sum + each, 0);
  return captures > 1 || (receipt !== null && charged(payments) > receipt.totalMinor);
}

function isLost({ view, payments, receipt, posMinor }: Account): boolean {
  const paid = view.attempts.filter(({ outcome }) => outcome === "paid");
  // A cart that was left after the terminal took the money: paid all the same, and booked, though no cart heard of it.
  const [said] = paid.length > 0 ? paid : view.attempts.filter(({ outcome }) => outcome === "left");
  if (receipt === null) return paid.length > 0 || charged(payments) > 0;
  return (
    paid.length > 1 ||
    posMinor !== receipt.totalMinor ||
    said?.totalMinor !== receipt.totalMinor ||
    charged(payments) < receipt.totalMinor
  );
}

function charged(payments: readonly BookedPayment[]): number {
  return payments.reduce((sum, each) => sum + each.captured_minor - each.refunded_minor, 0);
}

/** The nearest-rank percentile of seconds, rounded to hundredths; 0 of nothing. */
export function percentile(seconds: readonly number[], share: number): number {
  const sorted = seconds.toSorted((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(sorted.length * share) - 1);
  return Math.round((sorted[rank] ?? 0) * 100) / 100;
}
