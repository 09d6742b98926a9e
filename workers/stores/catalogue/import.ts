import type { StoreId } from "../../../protocol/ids.ts";
import type { CatalogueRow } from "./row.ts";

/** Rows in one statement: as one JSON parameter, far below D1's 2 MB for a value and 100 for parameters. */
const ROWS_IN_STATEMENT = 1000;

/** A row that is the same already is not written: rows written are what D1 bills. */
const UPSERT = `
INSERT INTO products (store, item, name, unit_minor, currency, measure, tax_class, net_grams)
SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
FROM json_each(?2) WHERE true
ON CONFLICT (store, item) DO UPDATE SET name = excluded.name, unit_minor = excluded.unit_minor,
  currency = excluded.currency, measure = excluded.measure, tax_class = excluded.tax_class, net_grams = excluded.net_grams
WHERE (products.name, products.unit_minor, products.currency, products.measure, products.tax_class)
    <> (excluded.name, excluded.unit_minor, excluded.currency, excluded.measure, excluded.tax_class)
  OR products.net_grams IS NOT excluded.net_grams`;

/** Stores the rows, all or none. What the catalogue doesn't name stays as it was. */
export async function storeProducts(
  database: D1Database,
  store: StoreId,
  rows: readonly CatalogueRow[],
): Promise<void> {
  const statement = database.prepare(UPSERT);
  const batch: D1PreparedStatement[] = [];
  for (let from = 0; from < rows.length; from += ROWS_IN_STATEMENT) {
    const values = rows
      .slice(from, from + ROWS_IN_STATEMENT)
      .map((row) => [row.item, row.name, row.unitMinor, row.currency, row.measure, row.taxClass, row.netGrams]);
    batch.push(statement.bind(store, JSON.stringify(values)));
  }
  if (batch.length > 0) await database.batch(batch);
}
