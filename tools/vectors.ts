// Writes the test vectors of the cart's protocol; with --check, fails when a file is stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGenerator } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";
import { vectorFiles } from "./vectors/files.ts";

const { check } = readGenerator("vectors", "protocol/vectors, the test vectors of the cart's protocol");
const folder = join(ROOT, "protocol/vectors");
const files = await vectorFiles();
let stale = 0;

mkdirSync(folder, { recursive: true });
for (const [name, content] of files) {
  const file = join(folder, name);
  if (existsSync(file) && readFileSync(file, "utf8") === content) continue;
  stale += 1;
  if (!check) writeFileSync(file, content);
  console.log(`${check ? "stale" : "wrote"} protocol/vectors/${name}`);
}
for (const name of readdirSync(folder)) {
  if (!name.endsWith(".json") || files.has(name)) continue;
  stale += 1;
  if (!check) rmSync(join(folder, name));
  console.log(`${check ? "stray" : "removed"} protocol/vectors/${name}`);
}
console.log(stale === 0 ? "the vectors are fresh" : `${stale} file(s) ${check ? "stale" : "changed"}`);
if (check && stale > 0) process.exitCode = 1;
