import type { BasketView } from "./sessions.ts";

/** A trip as its shopper's app sees it (OpenAPI: Basket): without the cart's serial and the hand-off. */
export type ShopperBasket = Omit<BasketView, "cart" | "handoff">;

export function shopperBasket(view: BasketView): ShopperBasket {
  const { session, store, state, lines, totalMinor, currency, holds, openedAt } = view;
  return { session, store, state, lines, totalMinor, currency, holds, openedAt };
}
