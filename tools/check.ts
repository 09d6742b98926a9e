// Everything that must hold besides the tests: types, lint, format, fresh generated files, and the walls between rooms.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { columnProblems } from "./checks/columns.ts";
import { egressProblems } from "./checks/egress.ts";
import { importProblems } from "./checks/imports.ts";
import { lockfileProblems } from "./checks/lockfile.ts";
import { platform } from "./checks/platform.ts";
import { scopeProblems } from "./checks/scope.ts";
import { SCHEMAS, TYPESCRIPT, sources } from "./checks/sources.ts";
import { checkNamedDocuments } from "./checks-docs/named.ts";
import { checkRequirements } from "./checks-docs/requirements.ts";
import { readCommand, UsageError } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";

interface Check {
  readonly name: string;
  /** @returns what is wrong; nothing: it holds */
  readonly run: () => string[] | Promise<string[]>;
}

const command = (name: string, program: string, ...args: string[]): Check => ({
  name,
  run: () => {
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8" });
    if (status === 0) return [];
    return [[error?.message, stdout, stderr].filter(Boolean).join("\n").trim() || `${program} ended with ${status}`];
  },
});
const generated = (name: string, tool: string): Check =>
  command(name, process.execPath, join("tools", tool), "--check");

const CHECKS: readonly Check[] = [
  { name: "scope: who may call whom and who owns what", run: () => scopeProblems(platform()) },
  {
    name: "egress: no way out that the table does not have",
    run: () => egressProblems(platform(), sources(TYPESCRIPT)),
  },
  { name: "walls: no room imports another", run: () => importProblems(sources(TYPESCRIPT)) },
  { name: "schemas: no place for a card number", run: () => columnProblems(sources(SCHEMAS)) },
  {
    name: "lock file: no addresses, every platform",
    run: () => lockfileProblems(readFileSync(join(ROOT, "package-lock.json"), "utf8")),
  },
  { name: "requirements: every pointer leads somewhere", run: checkRequirements },
  { name: "documents: every one that is named is there", run: checkNamedDocuments },
  command("types", process.execPath, join("tools", "typecheck.ts")),
  command("lint", "oxlint", "--type-aware", "--deny-warnings"),
  command("format", "oxfmt", "--check"),
  generated("fresh binding types", "types.ts"),
  generated("fresh migrations", "migrations.ts"),
  generated("fresh protocol vectors", "vectors.ts"),
  generated("fresh OpenAPI document", "openapi.ts"),
  generated("fresh PCI scope document", "scope.ts"),
  generated("fresh retention document", "retention.ts"),
  generated("fresh card form and its manifest", "form.ts"),
];

const USAGE = `npm run check -- [WORD …]
  all checks, or those whose name holds one of the words:
${CHECKS.map(({ name }) => `    ${name}`).join("\n")}`;

const chosen = readCommand({ usage: USAGE, words: [0, Infinity] }, (_values, words) => {
  const idle = words.find((word) => !CHECKS.some(({ name }) => name.includes(word)));
  if (idle !== undefined) throw new UsageError(`no check's name holds ${idle}`);
  return CHECKS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
});
let failed = 0;
for (const { name, run } of chosen) {
  const problems = await run();
  console.log(`${problems.length === 0 ? "ok    " : "failed"} ${name}`);
  for (const problem of problems) console.log(`       ${problem.replaceAll("\n", "\n       ")}`);
  if (problems.length > 0) failed += 1;
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
