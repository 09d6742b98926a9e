// Generates a SQL migration from a room's schema.ts; with --check, fails when a schema has changed without one or when a
// migration could lose data (a dropped or rebuilt table). A file keeps its name for good: databases know by it what was
// applied (wrangler's table d1_migrations), so an applied migration under another name would be applied again.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { FLAG, oneOf, readCommand, TEXT, UsageError } from "./command-line.ts";
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

const USAGE = `npm run migrations -- --name WHAT DATABASE
npm run migrations -- --check [DATABASE …]
  writes what the schema of a database has changed by; there are ${Object.keys(DATABASES).join(", ")}
  --name WHAT   what it does, in small letters and underscores, e.g. tombstone_walk: its file's name, for good
  --check       writes nothing; ends with 1 when one is missing, or when a migration could lose data`;

const { check, name, only } = readCommand(
  { usage: USAGE, options: { check: FLAG, name: TEXT }, words: [0, Infinity] },
  (values, words) => {
    const databases = words.map((word) => oneOf("DATABASE", word, Object.keys(DATABASES)));
    if (values.check) return { check: true, name: "", only: databases };
    if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(values.name ?? "")) throw new UsageError("--name says what it does");
    if (databases.length !== 1) throw new UsageError("a migration is one database's");
    return { check: false, name: values.name ?? "", only: databases };
  },
);
const problems: string[] = [];

for (const [database, schema] of Object.entries(DATABASES)) {
  if (only.length > 0 && !only.includes(database)) continue;
  if (!existsSync(join(ROOT, schema))) {
    problems.push(`${database}: ${schema} is missing`);
    continue;
  }
  const folder = join(ROOT, "d1-migrations", database);
  const named = check ? [] : ["--name", name];
  const out = check ? mkdtempSync(join(ROOT, ".build-migrations-")) : folder;
  try {
    if (check && existsSync(folder)) cpSync(folder, out, { recursive: true });
    const run = spawnSync(
      "drizzle-kit",
      ["generate", "--dialect", "sqlite", "--schema", schema, "--out", relative(ROOT, out), ...named],
      { cwd: ROOT, encoding: "utf8" },
    );
    if (run.status !== 0) problems.push(`${database}: ${run.stderr || run.stdout}`);
    else if (check && sqlFiles(out).length !== sqlFiles(folder).length)
      problems.push(
        `${database}: the schema has changed without a migration (npm run migrations -- --name WHAT ${database})`,
      );
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
