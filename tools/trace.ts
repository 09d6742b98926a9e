// `npm run trace -- <person>`: every path to a person in a cell's state, running or stopped. The person is given by one or
// more words: e-mail, name, loyalty number, customer id, card token or reference, one-trip number, the identity provider's
// subject. All databases, objects, buckets and logs are searched in plain, encoded, keyed and sealed form, with all keys of
// the cell, and on from each find by the ids that it leads to. Ends with 1 when there is a path.
import { existsSync, readFileSync } from "node:fs";
import { cellOf, FLAG, readCommand, TEXT, UsageError } from "./command-line.ts";
import type { CellKeys } from "./platform/keys.ts";
import { PORTS } from "./platform/rooms.ts";
import { cellState, keysFile, stateRoot } from "./platform/state.ts";
import { spinner } from "./progress.ts";
import { trace } from "./trace/search.ts";
import { readState } from "./trace/state.ts";

const USAGE = `npm run trace -- [options] WORD [WORD …]
  WORD           what the person is called or reached by: all words are one person's
  --cell us|eu   the cell (eu)
  --state DIR    the platform's state (.state)
  --issuer URL   the identity provider whose subject a word may be (the local one)
  --json         the last line is one JSON object`;

const { cell, words, root, issuer, json } = readArgs();
const progress = spinner(`reading ${cellState(cell, root)}`);
const state = readState(cellState(cell, root));
progress.step(`searching ${state.rows.length} rows`);
const keys = JSON.parse(readFileSync(keysFile(cell, root), "utf8")) as CellKeys;
if (
  ["IDENTITY_KEK", "IDENTITY_INDEX_KEY", "IDENTITY_TOMBSTONE_KEY", "FINGERPRINT_KEY"].some(
    (name) => !keys.secrets[name],
  )
) {
  progress.done("the cell's keys are of an older version: start it once (npm start), then search again");
  process.exit(2);
}
const { paths, kept, remnants, rows } = await trace(state, keys, words, [issuer]);
progress.done(`searched ${rows} rows, objects and log lines, and ${state.files.length} files`);
for (const { store, table, row, column, how } of paths)
  console.log(`PATH  ${store}.${table} ${short(row)} ${column}: ${how}`);
for (const { store, table, row, column, how } of kept)
  console.log(`kept  ${store}.${table} ${short(row)} ${column}: ${how}`);
for (const file of remnants) console.log(`freed ${file}: an id in pages that no row has any more`);
console.log(paths.length === 0 ? "no path leads to this person" : `${paths.length} paths`);
if (json) console.log(JSON.stringify({ paths, kept, remnants, rows }));
process.exitCode = paths.length === 0 ? 0 : 1;

function short(row: string): string {
  return row.length > 16 ? `${row.slice(0, 15)}…` : row;
}

function readArgs() {
  const options = { cell: { ...TEXT, default: "eu" }, state: TEXT, issuer: TEXT, json: FLAG } as const;
  return readCommand({ usage: USAGE, options, words: [0, Infinity] }, (values, words) => {
    const cell = cellOf(values.cell);
    if (words.length === 0) throw new UsageError("who?");
    if (words.some((word) => word.length < 4)) throw new UsageError("a word has four characters at least");
    const root = values.state ?? stateRoot();
    if (!existsSync(keysFile(cell, root))) throw new UsageError(`there is no ${cell} cell in ${root}`);
    const issuer = values.issuer ?? `http://127.0.0.1:${PORTS[cell].issuer}`;
    return { cell, words, root, issuer, json: values.json };
  });
}
