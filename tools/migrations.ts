// Generates SQL migrations from each room's schema.ts; with --check, fails when a schema has changed without one
// or when a migration could lose data (a dropped or rebuilt table).
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { FLAG, oneOf, readCommand } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";

/** Databases and the one room that owns each. */
export const DATABASES: Readonly<Record<string, string>> = {
  entities: "workers/identity/entities-schema.ts",
  persons: "workers/identity/persons-schema.ts",
  vault: "workers/cde/schema.ts",
  retail: "workers/stores/schema.ts",
  fleet: "workers/fleet/schema.ts",
  telemetry: "workers/telemetry/schema.ts",
  staff: "workers/ops/schema.ts",
};

const USAGE = `npm run migrations -- [--check] [DATABASE …]
  writes the migrations that a schema has changed by; all databases unless named: ${Object.keys(DATABASES).join(", ")}
  --check   writes nothing; ends with 1 when one is missing, or when a migration could lose data`;

const { check, only } = readCommand(
  { usage: USAGE, options: { check: FLAG }, words: [0, Infinity] },
  (values, words) => ({
    check: values.check,
    only: words.map((word) => oneOf("DATABASE", word, Object.keys(DATABASES))),
  }),
);
const problems: string[] = [];

for (const [database, schema] of Object.entries(DATABASES)) {
  if (only.length > 0 && !only.includes(database)) continue;
  if (!existsSync(join(ROOT, schema))) {
    problems.push(`${database}: ${schema} is missing`);
    continue;
  }
  const folder = join(ROOT, "d1-migrations", database);
  const out = check ? mkdtempSync(join(ROOT, ".build-migrations-")) : folder;
  try {
    if (check && existsSync(folder)) cpSync(folder, out, { recursive: true });
    const run = spawnSync(
      "drizzle-kit",
      ["generate", "--dialect", "sqlite", "--schema", schema, "--out", relative(ROOT, out)],
      { cwd: ROOT, encoding: "utf8" },
    );
    if (run.status !== 0) problems.push(`${database}: ${run.stderr || run.stdout}`);
    else if (check && sqlFiles(out).length !== sqlFiles(folder).length)
      problems.push(`${database}: the schema has changed without a migration (npm run migrations)`);
    for (const file of sqlFiles(folder)) {
      const sql = readFileSync(join(folder, file), "utf8");
      if (/\bDROP\s+(TABLE|COLUMN)\b|\bON\s+DELETE\s+CASCADE\b|RENAME\s+TO/i.test(sql))
        problems.push(`${database}/${file}: not additive`);
    }
  } finally {
    if (check) rmSync(out, { recursive: true, force: true });
  }
  console.log(`${check ? "checked" : "generated"} ${database}: ${sqlFiles(folder).length} migration(s)`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function sqlFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".sql")) : [];
}
