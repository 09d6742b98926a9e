import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The part of a D1 database that applying migrations needs. */
interface Database {
  exec(sql: string): Promise<unknown>;
  prepare(sql: string): {
    bind(...values: unknown[]): { run(): Promise<unknown> };
    all(): Promise<{ results: Record<string, unknown>[] }>;
  };
}

/**
 * Applies a database's migrations in order, each once, in the table that `wrangler d1 migrations` uses too.
 * drizzle-kit separates statements with a marker line, so none is split in the middle.
 * @returns the names of the files applied now
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  await database.exec(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
  );
  const done = new Set(
    (await database.prepare("SELECT name FROM d1_migrations").all()).results.map((row) => row["name"]),
  );
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const applied: string[] = [];
  for (const file of files) {
    if (done.has(file)) continue;
    const sql = await readFile(join(folder, file), "utf8");
    for (const statement of sql.split("--> statement-breakpoint")) {
      const line = statement
        .replaceAll(/^--.*$/gm, "")
        .replaceAll(/\s*\n\s*/g, " ")
        .trim();
      if (line !== "") await database.exec(line);
    }
    await database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(file).run();
    applied.push(file);
  }
  return applied;
}
