import type { Account } from "./reconcile.ts";
import { pause } from "./shopping.ts";
import type { CartView } from "./trips.ts";
import type { BookedPayment, World } from "./world.ts";

const AT_A_TIME = 8;
const POLL_MS = 2_000;

/** The receipt that a hand-off was booked with, which a cart that was left never heard of. */
export type ReceiptOf = (handoff: string) => Promise<string | null>;

/** Asks all books, and those with an open authorization again until nothing is held or the time is up. */
export async function collect(
  world: World,
  receiptOf: ReceiptOf,
  views: readonly CartView[],
  waitMs: number,
  onWait: (open: number) => void,
): Promise<readonly Account[]> {
  const accounts = new Map<CartView, Account>();
  let sales = await world.sales();
  const ask = async (view: CartView) => {
    let reference = view.attempts.find(({ receipt }) => receipt !== null)?.receipt ?? null;
    for (const { handoff } of view.attempts) reference ??= await receiptOf(handoff);
    const receipt = reference === null ? null : await world.receipt(reference);
    const payments: BookedPayment[] = [];
    for (const { handoff } of view.attempts) payments.push(...(await world.payments(handoff)));
    const posMinor = receipt === null ? null : (sales.get(receipt.number) ?? null);
    accounts.set(view, { view, payments, receipt, posMinor });
  };
  await inLanes(views, ask);
  const until = Date.now() + waitMs;
  for (;;) {
    const open = [...accounts.values()].filter(isOpen).map(({ view }) => view);
    onWait(open.length);
    if (open.length === 0 || Date.now() > until) return [...accounts.values()];
    await pause(POLL_MS);
    sales = await world.sales();
    await inLanes(open, ask);
  }
}

function isOpen({ payments }: Account): boolean {
  return payments.some(({ state }) => state === "authorized" || state === "processing");
}

async function inLanes<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let turn = next++; turn < all.length; turn = next++) await act(all[turn] as T);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}
