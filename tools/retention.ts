// `npm run retention`: writes docs/retention.md from the policy. With --check, fails when the file is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGenerator } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";
import { retentionDocument } from "./retention/document.ts";

const PATH = "docs/retention.md";
const { check } = readGenerator("retention", PATH);
const file = join(ROOT, PATH);
const written = retentionDocument();
if (!check) {
  writeFileSync(file, written);
  console.log(`wrote ${PATH}`);
} else if (!existsSync(file) || readFileSync(file, "utf8") !== written) {
  console.error(`${PATH} is stale: npm run retention`);
  process.exitCode = 1;
} else console.log(`${PATH} is current`);
