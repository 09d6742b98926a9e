// `npm run segmentation`: starts a cell and attacks it, from outside at every door and from inside each room with exactly
// that room's bindings. Prints who was refused where; ends with 1 when anything was reached.
import { cellOf, FLAG, readCommand, TEXT } from "./command-line.ts";
import { spinner } from "./progress.ts";
import { attackCell } from "./segmentation/run.ts";
import { tableOf } from "./segmentation/table.ts";

const USAGE = `npm run segmentation -- [options]
  --cell us|eu   which cell (eu)
  --verbose      a line an attack
  --json         the last line is one JSON object`;

const { cell, verbose, json } = readCommand(
  { usage: USAGE, options: { cell: { ...TEXT, default: "eu" }, verbose: FLAG, json: FLAG } },
  (values) => ({ ...values, cell: cellOf(values.cell) }),
);
const progress = spinner(`${cell}: segmentation`);
let count = 0;
let now = "";
const attacks = await attackCell(cell, {
  onAttack: ({ from, on, what, answer, reached: through }) => {
    count += 1;
    if (count % 25 === 0) progress.step(`${cell}: ${now}, ${count} attacks`);
    if (verbose) console.log(`${through ? "REACHED" : "refused"}  ${from} → ${on}: ${what}: ${answer}`);
  },
  onStep: (step) => {
    now = step;
    progress.step(`${cell}: ${step}`);
  },
});
const reached = attacks.filter((attack) => attack.reached);
progress.done(`${cell}: ${attacks.length} attacks, ${reached.length} reached what they must not`);
console.log(tableOf(attacks));
for (const { from, on, what, answer } of reached) console.log(`REACHED  ${from} → ${on}: ${what}: ${answer}`);
if (json) console.log(JSON.stringify({ cell, attacks: attacks.length, reached }));
process.exit(reached.length === 0 ? 0 : 1);
