import { rulesOf, taxBasket } from "../simulators/pos/tax.ts";
import type { Basket, Product } from "./baskets.ts";

/**
 * What a basket must cost, computed apart from the platform: the catalogue's prices, and the POS's tax on the
 * lines as the platform groups them (one line a product).
 */
export function expectedTotal(basket: Basket, catalogue: ReadonlyMap<string, Product>, country: string): number {
  const quantities = new Map<string, number>();
  for (const code of basket) quantities.set(code, (quantities.get(code) ?? 0) + 1);
  const lines = [...quantities].flatMap(([code, quantity]) => {
    const product = catalogue.get(code);
    return product === undefined ? [] : [{ taxClass: product.taxClass, totalMinor: product.priceMinor * quantity }];
  });
  const rules = rulesOf(country);
  if (rules === undefined) throw new Error(`the POS has no tax rules for ${country}`);
  return taxBasket(lines, rules).totalMinor;
}
