// Holds docs/storage-schema.md to the schemas: each store of the architecture's table is named, and each table's key
// and columns are those of the newest migration.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ARCHITECTURE } from "../checks/architecture.ts";
import { ROOT } from "../platform/root.ts";

const DOCUMENT = "docs/storage-schema.md";

/** Column names by table, and which of them are the key. */
export type Tables = Readonly<Record<string, { readonly columns: readonly string[]; readonly key: readonly string[] }>>;

export interface Stores {
  /** By database. */
  readonly databases: Readonly<Record<string, Tables>>;
  /** Buckets and Durable Object classes. */
  readonly others: readonly string[];
}

/** @returns what is wrong in docs/storage-schema.md, a sentence each; nothing: it holds */
export function checkStorage(): Promise<string[]> {
  const path = join(ROOT, DOCUMENT);
  if (!existsSync(path)) return Promise.resolve([`${DOCUMENT} is missing`]);
  const problems = storageProblems(readFileSync(path, "utf8"), committedStores());
  return Promise.resolve(problems.map((problem) => `${DOCUMENT}: ${problem}`));
}

/** The rules, over a document and the stores that it must describe. */
export function storageProblems(markdown: string, stores: Stores): string[] {
  const problems: string[] = [];
  for (const name of [...Object.keys(stores.databases), ...stores.others])
    if (!new RegExp(`^## .*\`${name}\``, "m").test(markdown)) problems.push(`has no section for ${name}`);
  for (const [database, tables] of Object.entries(stores.databases)) {
    const written = tablesIn(sectionOf(markdown, `D1 \`${database}\``));
    for (const name of new Set([...Object.keys(tables), ...Object.keys(written)]))
      for (const part of ["key", "columns"] as const) {
        const schema = tables[name]?.[part].toSorted().join(", ") ?? "no such table";
        const said = written[name]?.[part].toSorted().join(", ") ?? "nothing";
        if (schema !== said) problems.push(`${database}.${name}, ${part}: says ${said}, the schema ${schema}`);
      }
  }
  return problems;
}

/** The lines between a heading and the next one. */
function sectionOf(markdown: string, heading: string): string {
  const [, after = ""] = markdown.split(`\n## ${heading}`);
  return after.split("\n## ")[0] ?? "";
}

/** Rows `| table | key | columns | …`, each name in backticks. */
function tablesIn(section: string): Tables {
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const names = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
  return Object.fromEntries(
    rows.map((row) => {
      const [, table, key, columns] = row.split("|");
      return [names(table)[0] ?? "", { key: names(key), columns: names(columns) }];
    }),
  );
}

export function committedStores(): Stores {
  const rooms = Object.entries(ARCHITECTURE);
  return {
    databases: Object.fromEntries(
      rooms.flatMap(([, { databases }]) => databases.map((name) => [name, tablesOf(name)] as const)),
    ),
    others: rooms.flatMap(([room, { buckets, objects }]) => [
      ...buckets,
      ...objects.filter((each) => each.room === room).map(({ className }) => className),
    ]),
  };
}

/** The part of drizzle-kit's snapshot that is read here. */
interface Snapshot {
  readonly tables: Readonly<
    Record<
      string,
      {
        readonly columns: Readonly<Record<string, { readonly name: string; readonly primaryKey: boolean }>>;
        readonly compositePrimaryKeys: Readonly<Record<string, { readonly columns: readonly string[] }>>;
      }
    >
  >;
}

function tablesOf(database: string): Tables {
  const folder = join(ROOT, "d1-migrations", database, "meta");
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith("_snapshot.json"))
    .toSorted()
    .at(-1);
  if (newest === undefined) throw new Error(`${database} has no migration`);
  const { tables } = JSON.parse(readFileSync(join(folder, newest), "utf8")) as Snapshot;
  return Object.fromEntries(
    Object.entries(tables).map(([name, { columns, compositePrimaryKeys }]) => {
      const own = Object.values(columns);
      const keys = Object.values(compositePrimaryKeys).flatMap((each) => each.columns);
      return [
        name,
        {
          columns: own.map((column) => column.name),
          key: keys.length > 0 ? keys : own.filter((column) => column.primaryKey).map((column) => column.name),
        },
      ];
    }),
  );
}

if (import.meta.main) {
  const problems = await checkStorage();
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${DOCUMENT} holds`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
