// `npm run drill -- restore`: shows that a restored database brings nobody back who was erased since. A cell of its own in a
// temporary folder: people shop, the databases are copied, one person is erased, the copy is put back, tombstones are
// replayed, and the search for every path finds the erased person nowhere and the others still. Ends with 1 when it fails.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cellOf, FLAG, readCommand, TEXT, UsageError } from "./command-line.ts";
import { restoreDrill, restoreFaults } from "./drill/restore.ts";
import { freePorts } from "./platform/ports.ts";
import { ROOT } from "./platform/root.ts";
import { spinner } from "./progress.ts";
import { readCatalogue } from "./trip/baskets.ts";

const USAGE = `npm run drill -- restore [options]
  --cell us|eu   the cell of the drill (eu)
  --json         the last line is one JSON object`;

const { cell, json } = readCommand(
  { usage: USAGE, options: { cell: { ...TEXT, default: "eu" }, json: FLAG }, words: [0, 1] },
  (values, [drill]) => {
    if (drill !== "restore") throw new UsageError("which drill? there is: restore");
    return { cell: cellOf(values.cell), json: values.json };
  },
);
const progress = spinner("restore drill");
const root = mkdtempSync(join(tmpdir(), "cartwright-drill-"));
try {
  const catalogue = readCatalogue(readFileSync(join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8"));
  const codes = [...catalogue.keys()].filter((code) => /^\d{8,14}$/.test(code)).slice(0, 4);
  const run = String(Math.floor(Math.random() * 1_000_000)).padStart(6, "0");
  const report = await restoreDrill({
    cell,
    root,
    ports: await freePorts(),
    codes,
    run,
    onStep: (step) => progress.step(step),
  });
  progress.done("restore drill: over");
  const { before, afterErasure, restored, replay, afterReplay, other } = report;
  console.log(`paths to the person: ${before} before, ${afterErasure.length} after the erasure`);
  console.log(`yesterday's databases restored: ${restored} paths are back`);
  console.log(
    `replayed ${replay.tombstones} tombstones over ${replay.checked} names of customers, ${replay.removed} removed`,
  );
  console.log(
    `after the replay: ${afterReplay.length} paths to the person, ${other.after} to somebody else (${other.before} before)`,
  );
  const faults = restoreFaults(report);
  for (const fault of faults) console.log(`FAILED  ${fault}`);
  if (faults.length === 0) console.log("held: nobody came back, nobody else is gone");
  if (json) console.log(JSON.stringify({ ...report, faults }));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
