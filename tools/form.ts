// Builds the card form's script, its hashes and the manifest of the page; with --check, fails when they are stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGenerator } from "./command-line.ts";
import { GENERATED, MANIFEST, servedForm } from "./form/served.ts";
import { ROOT } from "./platform/root.ts";

const { check } = readGenerator("form", `${GENERATED} and ${MANIFEST}`);
const { generated, manifest } = await servedForm();
for (const [path, text] of [
  [GENERATED, generated],
  [MANIFEST, manifest],
] as const) {
  const file = join(ROOT, path);
  const fresh = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!check) {
    if (!fresh) writeFileSync(file, text);
    console.log(`wrote ${path}`);
  } else if (fresh) {
    console.log(`fresh ${path}`);
  } else {
    console.error(`${path} is stale (npm run form)`);
    process.exitCode = 1;
  }
}
