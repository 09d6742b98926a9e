// `npm run residency`: proves two things. For the deployed configurations: every store of each cell is created and bound in
// the cell's own jurisdiction, and cells share nothing. For a running local platform (its own, if none runs): people who
// live in the EU cell are found nowhere outside its state, and in plain in none of its databases and logs.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { FLAG, readCommand, TEXT, UsageError } from "./command-line.ts";
import type { Cell } from "../protocol/ids.ts";
import { platform } from "./checks/platform.ts";
import { TYPESCRIPT, sources } from "./checks/sources.ts";
import { ROOT } from "./platform/root.ts";
import { DEMO_STORES } from "./platform/seed-store.ts";
import { cellState, CELLS } from "./platform/state.ts";
import { bar, spinner } from "./progress.ts";
import { pinnedStores, residencyProblems } from "./residency/config.ts";
import { leave, live, probes, textsOf } from "./residency/people.ts";
import { look } from "./residency/look.ts";
import type { Find } from "./residency/search.ts";
import { staffClient } from "./staff/client.ts";
import { readCatalogue } from "./trip/baskets.ts";
import { openPlace, type OpenedPlace } from "./trip/open-place.ts";

const USAGE = `npm run residency -- [options]
  --config   the deployed configurations alone
  --people N how many people of the EU live and shop for the search (6)
  --json     the last line is one JSON object`;

const args = readCommand(
  { usage: USAGE, options: { config: FLAG, people: { ...TEXT, default: "6" }, json: FLAG } },
  (values) => {
    if (!/^(?:[2-9]|10)$/.test(values.people)) throw new UsageError("--people takes 2 to 10");
    return { ...values, people: Number(values.people) };
  },
);
const problems = CELLS.flatMap((cell) => residencyProblems(platform(), sources(TYPESCRIPT), cell));
const stores = CELLS.flatMap((cell) => pinnedStores(platform(), cell));
for (const { kind, name, worker, pinnedBy } of stores)
  console.log(`${kind.padEnd(8)} ${name.padEnd(28)} ${worker.padEnd(26)} ${pinnedBy}`);
for (const problem of new Set(problems)) console.error(`WRONG ${problem}`);
console.log(
  `configurations: ${stores.length} bindings of stores in ${CELLS.length} cells, ${new Set(problems).size} problems`,
);
const ran = args.config ? null : await search();
if (args.json) console.log(JSON.stringify({ stores: stores.length, problems: [...new Set(problems)], ...ran }));
process.exit(problems.length === 0 && (ran === null || ran.holds) ? 0 : 1);

async function search() {
  const [us, eu] = [await openPlace("us", { carts: 6 }), await openPlace("eu", { carts: 6 })];
  try {
    const run = randomBytes(3).toString("hex");
    const people = probes(run, args.people);
    const codes = [...readCatalogue(readFileSync(join(ROOT, "tools/samples/catalogue-eu.csv"), "utf8")).keys()].filter(
      (code) => /^\d{13}$/.test(code),
    );
    const trips = bar(people.length, "EU trips");
    const { holders, ...lived } = await live(eu.place, people, codes, () => trips.tick());
    trips.done();
    const progress = spinner("searching");
    const texts = textsOf(people);
    const controls = { us: await controlsIn("us", us, run), eu: await controlsIn("eu", eu, run) };
    const folders = { us: cellState("us", us.root), eu: cellState("eu", eu.root) };
    const looked = look(folders, texts, controls, (where) => progress.step(where));
    progress.done(
      `searched ${looked.places} places, ${(looked.bytes / 1e6).toFixed(1)} MB, for ${texts.length} texts of ${people.length} people`,
    );
    report("us", looked.outside);
    report("eu, in plain,", looked.inPlain);
    for (const { cell, text } of looked.missing)
      console.error(`MISSING control text ${text} in the state of ${cell}: that is not the state of this platform`);
    console.log(
      `${lived.paidAndLinked} of ${lived.trips} trips paid by a known shopper; each control text found in ${looked.control} places or more`,
    );
    const holds = looked.holds && lived.paidAndLinked === lived.trips;
    console.log(holds ? "no EU person's text outside the EU cell, none in plain inside it" : "does NOT hold");
    if (eu.goesOn)
      console.log(`${await leave({ holders })} of ${people.length} people of this search have asked to be erased`);
    const { outside, inPlain, control, places } = looked;
    return { holds, ...lived, control, outside, inPlain, places };
  } finally {
    await us.stop();
    await eu.stop();
  }
}

/**
 * What lies in plain in a cell's state: its store's name, and somebody on the staff who signs in for this search alone,
 * whom the log and the table of tokens name. Only the state of the very platform that was called has both.
 */
async function controlsIn(cell: Cell, { place }: OpenedPlace, run: string): Promise<string[]> {
  const staff = `residency-${cell}-${run}`;
  const { origins, keys } = place;
  const desk = staffClient({ cell, origin: origins.ops, signingJwk: keys.outside.staffSigningJwk, staff });
  await desk.get("/admin/v1/audit/entries?from=0&limit=1");
  return [DEMO_STORES[cell].legalName, staff];
}

function report(cell: string, finds: readonly Find[]): void {
  for (const { where, text, form } of finds) console.error(`FOUND text ${text} as ${form} in ${cell} ${where}`);
}
