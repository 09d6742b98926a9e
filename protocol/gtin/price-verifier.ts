/**
 * The price verifier digit inside variable-measure numbers (General Specifications 7.9.3 to 7.9.4): each digit of
 * the price is mapped by the weighting of its place, so that a misread digit in the price shows.
 */
const TWO_MINUS = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7] as const;
const THREE = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7] as const;
const FIVE_PLUS = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9] as const;
const FIVE_MINUS = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1] as const;

const FOUR_DIGITS = [TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS] as const;
const FIVE_DIGITS = [FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS] as const;

/** @throws RangeError when the price is not four or five digits. */
export function priceVerifier(price: string): string {
  if (!/^[0-9]{4,5}$/.test(price)) throw new RangeError("a price verifier goes with four or five digits");
  if (price.length === 4) return String((3 * weighted(price, FOUR_DIGITS)) % 10);
  const remainder = (10 - (weighted(price, FIVE_DIGITS) % 10)) % 10;
  return String(FIVE_MINUS.findIndex((each) => each === remainder));
}

function weighted(price: string, tables: readonly (readonly number[])[]): number {
  return tables.reduce((sum, table, place) => sum + (table[Number(price[place])] ?? 0), 0);
}
