import { readFileSync } from "node:fs";
import Papa from "papaparse";

/** A product as the catalogue file has it; prices in integer minor units. */
export interface Product {
  readonly gtin: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly taxClass: string;
}

/** Codes scanned on one trip, in order. */
export type Basket = readonly string[];

/** Reads `gtin,name,price_minor,currency,tax_class,net_weight_g`. */
export function readCatalogue(csv: string): ReadonlyMap<string, Product> {
  const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
  return new Map(
    data.flatMap((row) => {
      const { gtin, name, price_minor: price, tax_class: taxClass } = row;
      if (gtin === undefined || name === undefined || price === undefined || taxClass === undefined) return [];
      return [[gtin, { gtin, name, priceMinor: Number(price), taxClass }] as const];
    }),
  );
}

/** Reads one trip a line: its GTINs, comma-separated. */
export function readBaskets(file: string): Basket[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) =>
      line
        .trim()
        .split(",")
        .filter((code) => code !== ""),
    )
    .filter((codes) => codes.length > 0);
}

/** Baskets for a demo: the same every time, made of what the store sells by the piece. */
export function sampleBaskets(catalogue: ReadonlyMap<string, Product>, count: number): Basket[] {
  const codes = [...catalogue.keys()];
  return Array.from({ length: count }, (_, trip) =>
    Array.from({ length: 3 + ((trip * 5) % 12) }, (_item, i) => codes[(trip * 7 + i * 3) % codes.length] ?? ""),
  );
}
