// Writes docs/openapi.json from the declarations that validate the public API; with --check, fails when it is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "../workers/edge/openapi.ts";
import { readGenerator } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";

const { check } = readGenerator("openapi", "docs/openapi.json");
const file = join(ROOT, "docs", "openapi.json");
const document = `${JSON.stringify(openApiDocument(), null, 2)}\n`;

if (!check) {
  writeFileSync(file, document);
  console.log(`wrote docs/openapi.json: ${Object.keys(openApiDocument().paths ?? {}).length} paths`);
} else if (existsSync(file) && readFileSync(file, "utf8") === document) {
  console.log("fresh docs/openapi.json");
} else {
  console.error("docs/openapi.json is stale (npm run openapi)");
  process.exitCode = 1;
}
