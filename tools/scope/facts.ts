import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ARCHITECTURE, EGRESS, FORWARDER } from "../checks/architecture.ts";
import { platform, type Member } from "../checks/platform.ts";
import type { Source } from "../checks/imports.ts";
import { sources } from "../checks/sources.ts";
import { ROOT } from "../platform/root.ts";

/** What the document is made from: configurations, migrations and sources as they are committed. */
export interface Facts {
  readonly members: readonly Member[];
  /** Columns by table, by database. */
  readonly databases: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Routes of the pay origin as its code has them: `post "/v1/payments/tokenize"`. */
  readonly doors: readonly string[];
  /** Whether a file of the project is there. */
  readonly exists: (path: string) => boolean;
}

export function committedFacts(): Facts {
  const files = new Set(
    sources(["{protocol,workers,durable-objects,tools,test}/**/*.{ts,tsx,sql}"]).map(({ path }) => path),
  );
  return {
    members: platform(),
    databases: Object.fromEntries(
      Object.values(ARCHITECTURE).flatMap(({ databases }) => databases.map((name) => [name, tablesOf(name)])),
    ),
    doors: doorsOf(sources(["workers/cde/**/*.ts"])),
    exists: (path) => files.has(path),
  };
}

/** Each room's configuration in one cell: the cells differ in names and ids alone, which the scope check holds. */
export function ofOneCell({ members }: Facts): Member[] {
  return members.filter(({ cell }) => cell === "eu");
}

export function doorsOf(files: readonly Source[]): string[] {
  const code = files.filter(({ path }) => !/\/test\/|\.test\.ts$/.test(path));
  const found = code.flatMap(({ text }) =>
    Array.from(
      text.matchAll(/^(?:app|\w+Routes)\.(get|post|put|patch|delete|all|on)\(\s*("[^"]+"|[A-Z_]+)/gm),
      ([, method = "", path = ""]) => `${method} ${path}`,
    ),
  );
  return [...new Set(found)].toSorted();
}

export { EGRESS, FORWARDER };

interface Snapshot {
  readonly tables: Readonly<Record<string, { readonly columns: Readonly<Record<string, { readonly name: string }>> }>>;
}

/** A database's tables, as the snapshot of its newest migration has them: made by drizzle-kit from the schema. */
function tablesOf(database: string): Record<string, string[]> {
  const folder = join(ROOT, "d1-migrations", database, "meta");
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith("_snapshot.json"))
    .toSorted()
    .at(-1);
  if (newest === undefined) throw new Error(`${database} has no migration`);
  const { tables } = JSON.parse(readFileSync(join(folder, newest), "utf8")) as Snapshot;
  return Object.fromEntries(
    Object.entries(tables).map(([table, { columns }]) => [table, Object.values(columns).map(({ name }) => name)]),
  );
}
