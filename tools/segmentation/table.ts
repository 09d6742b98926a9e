import type { Attack } from "./attack.ts";

/** Who attacked whom: refused attacks a pair, and what was reached, in a table for people. */
export function tableOf(attacks: readonly Attack[]): string {
  const from = [...new Set(attacks.map((each) => each.from))];
  const on = [...new Set(attacks.map((each) => each.on))].filter((name) => !name.startsWith("cartwright-"));
  const cell = (a: string, b: string): string => {
    const these = attacks.filter(
      (each) => each.from === a && (each.on === b || (b === "other buckets" && each.on.startsWith("cartwright-"))),
    );
    const reached = these.filter((each) => each.reached).length;
    return these.length === 0 ? "-" : reached > 0 ? `REACHED ${reached}` : String(these.length);
  };
  const columns = [...on, "other buckets"];
  const rows = [["refused, from \\ on", ...columns], ...from.map((a) => [a, ...columns.map((b) => cell(a, b))])];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column + 1]?.length ?? 0)));
  const first = Math.max(...rows.map((row) => row[0]?.length ?? 0));
  return rows
    .map(([name = "", ...cells]) =>
      [name.padEnd(first), ...cells.map((text, column) => text.padStart(widths[column] ?? 0))].join("  "),
    )
    .join("\n");
}
