import type { BasketLine, Hold, HoldKind } from "../../protocol/cart/messages.ts";
import type { PricedItem } from "../../protocol/rooms/stores.ts";
import type { PricedEvent } from "./events.ts";
import { MAX_LINES, MAX_TOTAL_MINOR } from "./limits.ts";

/** A line of the basket; `item` null is a code that the store does not know. */
export interface Line {
  readonly line: number;
  readonly item: PricedItem | null;
  readonly quantity: number;
  readonly totalMinor: number;
}

export interface Basket {
  readonly lines: ReadonlyMap<number, Line>;
  readonly nextLine: number;
  readonly totalMinor: number;
  readonly holds: readonly Hold[];
  readonly nextHold: number;
  /** Grams on the cart's scale when it last spoke; null before. */
  readonly scaleGrams: number | null;
  /** The difference between scale and catalogue that staff have accepted, grams. */
  readonly acceptedGrams: number;
  /** The age that staff have verified on this trip. */
  readonly verifiedAge: number;
}

export const EMPTY_BASKET: Basket = {
  lines: new Map(),
  nextLine: 1,
  totalMinor: 0,
  holds: [],
  nextHold: 1,
  scaleGrams: null,
  acceptedGrams: 0,
  verifiedAge: 0,
};

/**
 * Applies one event. Total: whatever a cart sends gives a basket, as an offline cart can't be asked again.
 * A removal of what is not there changes nothing; what would go over a limit becomes an unknown item that staff resolve.
 */
export function applyEvent(basket: Basket, priced: PricedEvent, toleranceGrams: number): Basket {
  if ("price" in priced) {
    const item = priced.price.ok ? priced.price.value : null;
    return withHolds(scan(basket, item, priced.event.quantity), toleranceGrams);
  }
  switch (priced.event.kind) {
    case "remove":
      return withHolds(remove(basket, priced.event.line, priced.event.quantity), toleranceGrams);
    case "weight":
      return withHolds({ ...basket, scaleGrams: priced.event.grams }, toleranceGrams);
    case "health":
    case "fault":
      return basket;
  }
}

function scan(basket: Basket, item: PricedItem | null, quantity: number): Basket {
  const same =
    item?.measure === "each" && item.origin === "master"
      ? [...basket.lines.values()].find((line) => sameGoods(line.item, item))
      : undefined;
  const amount = item === null ? 0 : item.lineMinor * quantity;
  const full =
    (same === undefined && basket.lines.size >= MAX_LINES) ||
    basket.totalMinor + amount > MAX_TOTAL_MINOR ||
    (same !== undefined && same.quantity + quantity > 99);
  if (full && item !== null) return basket.lines.size >= MAX_LINES ? basket : scan(basket, null, quantity);
  if (full) return basket;
  const line: Line =
    same === undefined
      ? { line: basket.nextLine, item, quantity, totalMinor: amount }
      : { ...same, quantity: same.quantity + quantity, totalMinor: same.totalMinor + amount };
  return {
    ...basket,
    lines: new Map(basket.lines).set(line.line, line),
    nextLine: same === undefined ? basket.nextLine + 1 : basket.nextLine,
    totalMinor: basket.totalMinor + amount,
  };
}

function sameGoods(a: PricedItem | null, b: PricedItem): boolean {
  return (
    a !== null && a.item === b.item && a.unitMinor === b.unitMinor && a.measure === b.measure && a.origin === b.origin
  );
}

function remove(basket: Basket, number: number, quantity: number | null): Basket {
  const line = basket.lines.get(number);
  if (line === undefined) return basket;
  const left = quantity === null ? 0 : Math.max(0, line.quantity - quantity);
  const lines = new Map(basket.lines);
  const totalMinor = left === 0 ? 0 : (line.item?.lineMinor ?? 0) * left;
  if (left === 0) lines.delete(number);
  else lines.set(number, { ...line, quantity: left, totalMinor });
  return { ...basket, lines, totalMinor: basket.totalMinor - line.totalMinor + totalMinor };
}

/** Staff resolve a hold: an age is verified, a weight accepted, an unknown item taken out. */
export function clearHold(basket: Basket, id: number, toleranceGrams: number): Basket {
  const hold = basket.holds.find((each) => each.id === id);
  if (hold === undefined) return basket;
  const without = { ...basket, holds: basket.holds.filter((each) => each.id !== id) };
  switch (hold.kind) {
    case "age check":
      return { ...without, verifiedAge: oldest(basket) };
    case "weight":
      return { ...without, acceptedGrams: (basket.scaleGrams ?? 0) - knownGrams(basket).grams };
    case "unknown item":
      return withHolds(remove(without, hold.line ?? 0, null), toleranceGrams);
  }
}

/** Brings the holds in line with the basket: each kind appears when its cause does and goes when it goes. */
function withHolds(basket: Basket, toleranceGrams: number): Basket {
  const wanted: { kind: HoldKind; line: number | null }[] = [];
  const restricted = [...basket.lines.values()].find((line) => (line.item?.minimumAge ?? 0) > basket.verifiedAge);
  if (restricted !== undefined) wanted.push({ kind: "age check", line: restricted.line });
  if (weightDiffers(basket, toleranceGrams)) wanted.push({ kind: "weight", line: null });
  for (const line of basket.lines.values())
    if (line.item === null) wanted.push({ kind: "unknown item", line: line.line });

  const kept = (kind: HoldKind, line: number | null) =>
    basket.holds.find((hold) => hold.kind === kind && (kind !== "unknown item" || hold.line === line));
  let nextHold = basket.nextHold;
  const holds = wanted.map(({ kind, line }) => kept(kind, line) ?? { id: nextHold++, kind, line });
  return { ...basket, holds, nextHold };
}

/** What the scale says against what the catalogue says; goods of unknown weight can only make it heavier. */
function weightDiffers(basket: Basket, toleranceGrams: number): boolean {
  if (basket.scaleGrams === null) return false;
  const known = knownGrams(basket);
  const difference = basket.scaleGrams - known.grams - basket.acceptedGrams;
  return difference < -toleranceGrams || (known.complete && difference > toleranceGrams);
}

/** What the catalogue says that the basket weighs, and whether it says so of every line. */
function knownGrams(basket: Basket): { readonly grams: number; readonly complete: boolean } {
  let grams = 0;
  let complete = true;
  for (const { item, quantity } of basket.lines.values()) {
    const each = item?.measure === "weight" ? item.grams : item?.netGrams;
    if (each === null || each === undefined) complete = false;
    else grams += each * quantity;
  }
  return { grams, complete };
}

function oldest(basket: Basket): number {
  return Math.max(basket.verifiedAge, ...[...basket.lines.values()].map((line) => line.item?.minimumAge ?? 0));
}

/** The lines that differ between two baskets, as the cart shows them; quantity 0 is gone. */
export function changedLines(before: Basket, after: Basket): BasketLine[] {
  const changed = [...after.lines.values()].filter((line) => before.lines.get(line.line) !== line).map(shown);
  const gone = [...before.lines.values()].filter((line) => !after.lines.has(line.line));
  return [...changed, ...gone.map((line) => ({ ...shown(line), quantity: 0, totalMinor: 0 }))];
}

export function shown(line: Line): BasketLine {
  return {
    line: line.line,
    name: line.item?.name ?? "Unknown item",
    unitMinor: line.item?.unitMinor ?? 0,
    quantity: line.quantity,
    totalMinor: line.totalMinor,
    grams: line.item?.grams ?? null,
  };
}
