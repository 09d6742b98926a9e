// `npm run residency`: proves two things. For the deployed configurations: every store of each cell is created and bound in
// the cell's own jurisdiction, and cells share nothing. For a running local platform (its own, if none runs): people who
// live in the EU cell are found nowhere outside its state, and in plain in none of its databases and logs.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { FLAG, readCommand, TEXT, UsageError } from "./command-line.ts";
import { platform } from "./checks/platform.ts";
import { TYPESCRIPT, sources } from "./checks/sources.ts";
import { ROOT } from "./platform/root.ts";
import { cellState, CELLS } from "./platform/state.ts";
import { bar, spinner } from "./progress.ts";
import { pinnedStores, residencyProblems } from "./residency/config.ts";
import { leave, live, probes, textsOf } from "./residency/people.ts";
import { searchTexts, type Find } from "./residency/search.ts";
import { readCatalogue } from "./trip/baskets.ts";
import { openPlace } from "./trip/open-place.ts";

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
    const people = probes(randomBytes(3).toString("hex"), args.people);
    const codes = [...readCatalogue(readFileSync(join(ROOT, "tools/samples/catalogue-eu.csv"), "utf8")).keys()].filter(
      (code) => /^\d{13}$/.test(code),
    );
    const trips = bar(people.length, "EU trips");
    const { holders, ...lived } = await live(eu.place, people, codes, () => trips.tick());
    trips.done();
    const progress = spinner("searching");
    const texts = textsOf(people);
    const outside = searchTexts(cellState("us", us.root), texts, (where) => progress.step(`us: ${where}`));
    const inside = searchTexts(cellState("eu", eu.root), texts, (where) => progress.step(`eu: ${where}`));
    // The same search sees what lies there in plain, so that finding nothing says something.
    const control = searchTexts(cellState("eu", eu.root), ["Demo Markt GmbH"]).finds.length;
    progress.done(
      `searched ${outside.places + inside.places} places, ${((outside.bytes + inside.bytes) / 1e6).toFixed(1)} MB, for ${texts.length} texts of ${people.length} people`,
    );
    report("us", outside.finds);
    report("eu, in plain,", inside.finds);
    console.log(
      `${lived.paidAndLinked} of ${lived.trips} trips paid by a known shopper; control text found in ${control} places`,
    );
    const holds =
      outside.finds.length + inside.finds.length === 0 && control > 0 && lived.paidAndLinked === lived.trips;
    console.log(holds ? "no EU person's text outside the EU cell, none in plain inside it" : "does NOT hold");
    if (eu.goesOn)
      console.log(`${await leave({ holders })} of ${people.length} people of this search have asked to be erased`);
    return {
      holds,
      ...lived,
      control,
      outside: outside.finds,
      inPlain: inside.finds,
      places: outside.places + inside.places,
    };
  } finally {
    await us.stop();
    await eu.stop();
  }
}

function report(cell: string, finds: readonly Find[]): void {
  for (const { where, text, form } of finds) console.error(`FOUND text ${text} as ${form} in ${cell} ${where}`);
}
