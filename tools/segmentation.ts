// `npm run segmentation`: starts a cell and attacks it, from outside at every door and from inside each room with exactly
// that room's bindings. Prints who was refused where; ends with 1 when anything was reached.
import { parseArgs } from "node:util";
import type { Cell } from "../protocol/ids.ts";
import { spinner } from "./progress.ts";
import { attackCell } from "./segmentation/run.ts";
import { tableOf } from "./segmentation/table.ts";

const USAGE = "npm run segmentation -- [--cell us|eu] [--verbose] [--json]";

const { cell, verbose, json } = readArgs();
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

function readArgs(): { cell: Cell; verbose: boolean; json: boolean } {
  const fault = (message: string): never => {
    console.error(`${message}\n${USAGE}`);
    process.exit(2);
  };
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      options: { cell: { type: "string", default: "eu" }, verbose: flag, json: flag, help: flag },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return values.cell === "us" || values.cell === "eu"
      ? { cell: values.cell, verbose: values.verbose, json: values.json }
      : fault("--cell takes us or eu");
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
}
