import type { Account } from "./reconcile.ts";
import { pause } from "./shopping.ts";
import type { CartView } from "./trips.ts";
import type { BookedPayment, World } from "./world.ts";

const AT_A_TIME = 8;
const POLL_MS = 2_000;

/** Asks all books, and those with an open authorization again until nothing is held or the time is up. */
export async function collect(
  world: World,
  views: readonly CartView[],
  waitMs: number,
  onWait: (open: number) => void,
): Promise<readonly Account[]> {
  const sales = await world.sales();
  const accounts = new Map<CartView, Account>();
  const ask = async (view: CartView) => {
    const reference = view.attempts.find(({ receipt }) => receipt !== null)?.receipt ?? null;
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
