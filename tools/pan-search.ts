// `npm run pan-search`: after a full run with known test cards, is a card number anywhere at rest? Every database, object,
// bucket, blob, log and trace of every host is searched, for the numbers, for more of them than may be shown, and for
// their plain digests, in every usual encoding. Ends with 1 when something was found or a door took a number.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cellOf, FLAG, mustExist, readCommand, TEXT, UsageError } from "./command-line.ts";
import { exercise, KNOWN_PANS, type Exercised } from "./pan-search/exercise.ts";
import { isOutside, searchFolder } from "./pan-search/search.ts";
import { startLocalCell } from "./platform/local.ts";
import { freePorts } from "./platform/ports.ts";
import { ROOT } from "./platform/root.ts";
import { spinner } from "./progress.ts";
import { readCatalogue, sampleBaskets } from "./trip/baskets.ts";

const USAGE = `npm run pan-search -- [options]
  --cell us|eu   the cell of the run (eu)
  --state DIR    search this folder instead of making a run, e.g. .state
  --pan DIGITS   search for this number too; may be repeated
  --json         the last line is one JSON object`;

const args = readArgs();
const progress = spinner("pan-search");
const root = args.state ?? mkdtempSync(join(tmpdir(), "cartwright-pan-search-run-"));
let ran: Exercised | null = null;
try {
  if (args.state === undefined) ran = await run(root);
  const searched = searchFolder(root, [...KNOWN_PANS, ...args.pans], (where) => progress.step(`searching ${where}`));
  const outside = searched.finds.filter(isOutside);
  const inside = searched.finds.filter((find) => !isOutside(find));
  const taken = ran?.attempts.filter((each) => each.taken) ?? [];
  progress.done(
    `searched ${searched.places} places, ${(searched.bytes / 1e6).toFixed(1)} MB, for ${searched.forms} forms of ${KNOWN_PANS.length + args.pans.length} numbers`,
  );
  if (ran !== null)
    console.log(
      `${ran.tokens} tokens, ${ran.trips} paid trips; ${ran.attempts.length} card numbers sent to doors that must refuse, ${taken.length} taken`,
    );
  for (const { route, field, answer } of taken) console.log(`TAKEN  ${route} ${field}: ${answer}`);
  for (const { where, card, form } of inside) console.log(`FOUND  ${card} as ${form} in ${where}`);
  for (const { where, card, form } of outside)
    console.log(`apart  ${card} as ${form} in ${where}, the simulated party outside`);
  console.log(inside.length === 0 ? "no card number at rest" : `${inside.length} found`);
  if (args.json)
    console.log(
      JSON.stringify({
        places: searched.places,
        bytes: searched.bytes,
        forms: searched.forms,
        found: inside,
        outside,
        attempts: ran?.attempts.length ?? 0,
        taken,
      }),
    );
  process.exitCode = inside.length === 0 && taken.length === 0 ? 0 : 1;
} finally {
  if (args.state === undefined) rmSync(root, { recursive: true, force: true });
}

/** The run; the cell is stopped before its state is searched, so that all is written that ever will be. */
async function run(folder: string): Promise<Exercised> {
  progress.step("starting a cell");
  const local = await startLocalCell(args.cell, { root: folder, ports: await freePorts() });
  try {
    const catalogue = readCatalogue(readFileSync(join(ROOT, `tools/samples/catalogue-${args.cell}.csv`), "utf8"));
    const pieces = new Map([...catalogue].filter(([code]) => /^\d{8,14}$/.test(code)));
    const [basket = []] = sampleBaskets(pieces, 1);
    const place = { store: local.store, keys: local.keys, origins: local.running.origins };
    return await exercise(place, basket, (step) => progress.step(step));
  } finally {
    await local.running.stop();
  }
}

function readArgs() {
  const options = {
    cell: { ...TEXT, default: "eu" },
    state: TEXT,
    pan: { ...TEXT, multiple: true, default: [] as string[] },
    json: FLAG,
  } as const;
  return readCommand({ usage: USAGE, options }, ({ cell, state, pan: pans, json }) => {
    mustExist("folder", state);
    if (pans.some((pan) => !/^\d{12,19}$/.test(pan))) throw new UsageError("--pan takes 12 to 19 digits");
    return { cell: cellOf(cell), state, pans, json };
  });
}
