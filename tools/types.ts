// Generates each room's binding types from its wrangler configuration; with --check, fails when one is stale.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { readGenerator } from "./command-line.ts";
import { ROOMS } from "./platform/rooms.ts";
import { ROOT } from "./platform/root.ts";

const { check } = readGenerator("types", "each room's worker-configuration.d.ts, from its wrangler configuration");
let stale = 0;
for (const room of ROOMS) {
  const folder = room.name === "edge" ? "workers/edge" : dirname(room.config);
  const env = `${room.name[0]?.toUpperCase()}${room.name.slice(1)}Bindings`;
  const args = [
    "types",
    join(folder, "worker-configuration.d.ts"),
    "-c",
    room.config,
    "--env",
    "eu",
    "--env-interface",
    env,
    "--include-runtime=false",
    "--strict-vars=false",
  ];
  const run = spawnSync("wrangler", check ? [...args, "--check"] : args, { cwd: ROOT, encoding: "utf8" });
  const failed = run.status !== 0;
  if (failed) stale += 1;
  console.log(
    `${failed ? (check ? "stale " : "failed") : check ? "fresh " : "wrote "} ${folder}/worker-configuration.d.ts`,
  );
  if (failed && !check) console.error(run.stdout, run.stderr);
}
process.exitCode = stale === 0 ? 0 : 1;
