// Type-checks every project of the repository: tools and tests once, each room on its own.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { readCommand } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";

readCommand({ usage: "npm run typecheck\n  runs tsc on every tsconfig.json of the repository" }, () => undefined);
const projects = [
  "tsconfig.json",
  ...globSync(
    [
      "workers/*/tsconfig.json",
      "workers/*/form/browser/tsconfig.json",
      "durable-objects/tsconfig.json",
      "tools/simulators/tsconfig.json",
    ],
    {
      cwd: ROOT,
    },
  ).sort(),
];
let failed = 0;
for (const project of projects) {
  const run = spawnSync("tsc", ["-p", project], { cwd: ROOT, encoding: "utf8" });
  console.log(`${run.status === 0 ? "ok    " : "failed"} ${project}`);
  if (run.status !== 0) {
    failed += 1;
    console.log(run.stdout);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
