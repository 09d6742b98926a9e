// `npm run scope`: writes docs/pci-scope.md from what is committed. With --check, fails when the file is stale, or when the
// platform has something that the document has no word for.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGenerator } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";
import { pciScope } from "./scope/document.ts";
import { committedFacts } from "./scope/facts.ts";
import { documentProblems } from "./scope/problems.ts";

const PATH = "docs/pci-scope.md";
const { check } = readGenerator("scope", PATH);
const file = join(ROOT, PATH);
const facts = committedFacts();
const problems = documentProblems(facts);
const written = pciScope(facts);
if (check) {
  const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (kept !== written) problems.push(`${PATH} is stale: npm run scope`);
  if (problems.length === 0) console.log(`${PATH} is current`);
} else if (problems.length === 0) {
  writeFileSync(file, written);
  console.log(`wrote ${PATH}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
