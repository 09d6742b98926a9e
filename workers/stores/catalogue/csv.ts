import Papa from "papaparse";
import type { Currency } from "../../../protocol/money/money.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { COLUMNS, readRow, type CatalogueRow, type RowReason } from "./row.ts";

export interface ReadCatalogue {
  readonly rows: readonly CatalogueRow[];
  /** Line in the file, the header being 1. */
  readonly refused: readonly { readonly line: number; readonly reason: RowReason | "too_many_rows" }[];
}

const MAX_ROWS = 200_000;

/**
 * Reads a catalogue (RFC 4180, header required as in `COLUMNS`). A bad row is reported by its line and left out;
 * of rows with one GTIN the first stands.
 */
export function readCatalogue(csv: string, currency: Currency): Result<ReadCatalogue, "bad_header"> {
  const rows = new Map<string, CatalogueRow>();
  const refused: { line: number; reason: RowReason | "too_many_rows" }[] = [];
  let headerSeen: boolean | null = null;
  let counted = 0;
  const lines = lineCounter(csv);
  Papa.parse<string[]>(csv, {
    delimiter: ",",
    step: ({ data, errors, meta }, parser) => {
      const line = lines.start;
      lines.moveTo(meta.cursor);
      if (headerSeen === null) {
        headerSeen = data.length === COLUMNS.length && COLUMNS.every((name, index) => data[index] === name);
        if (!headerSeen) parser.abort();
        return;
      }
      if (data.length === 1 && data[0]?.trim() === "") return;
      counted += 1;
      if (counted > MAX_ROWS) {
        refused.push({ line, reason: "too_many_rows" });
        parser.abort();
        return;
      }
      if (errors.some((error) => error.type === "Quotes")) {
        refused.push({ line, reason: "bad_quotes" });
        return;
      }
      const row = readRow(data, currency);
      if (!row.ok) refused.push({ line, reason: row.reason });
      else if (rows.has(row.value.item)) refused.push({ line, reason: "duplicate_gtin" });
      else rows.set(row.value.item, row.value);
    },
  });
  return headerSeen === true ? ok({ rows: [...rows.values()], refused }) : fail("bad_header");
}

/** A quoted field may hold line breaks, so a row's number is not its line. */
function lineCounter(text: string) {
  let cursor = 0;
  let line = 1;
  return {
    /** The line that the next row begins on. */
    get start() {
      return line;
    },
    moveTo(end: number) {
      for (let at = text.indexOf("\n", cursor); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) line += 1;
      cursor = end;
    },
  };
}
