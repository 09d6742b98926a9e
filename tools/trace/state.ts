import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { filesBelow } from "../pan-search/places.ts";
import { ROOT } from "../platform/root.ts";

/** One row of a table, object of a bucket, or line of a log, by column. */
export interface Row {
  /** A database, bucket or class of objects as docs/storage-schema.md names it; a file's path where it is none. */
  readonly store: string;
  readonly table: string;
  readonly row: string;
  readonly cells: ReadonlyMap<string, Buffer>;
}

/** A file as it lies there, freed pages and write-ahead logs included. */
export interface RawFile {
  readonly path: string;
  readonly bytes: Buffer;
}

export interface CellState {
  readonly rows: readonly Row[];
  readonly files: readonly RawFile[];
}

/** The hosts whose stores are the platform's; the simulated parties outside have theirs. */
const HOSTS = ["platform", "pay"];
const SQLITE = "SQLite format 3\0";

/** Everything that a cell has on disk, running or stopped. @param folder the cell's own state directory */
export function readState(folder: string): CellState {
  const databases = databaseNames();
  const rows: Row[] = [];
  const files: RawFile[] = [];
  for (const path of HOSTS.flatMap((host) => (existsSync(join(folder, host)) ? filesBelow(join(folder, host)) : []))) {
    const bytes = readFile(path);
    if (bytes === undefined) continue;
    const name = relative(folder, path);
    files.push({ path: name, bytes });
    if (bytes.subarray(0, SQLITE.length).toString("latin1") === SQLITE) rows.push(...rowsOf(path, name, databases));
    else if (path.endsWith(".log")) rows.push(...linesOf(name, bytes));
  }
  return { rows, files };
}

/** A file that went away meanwhile (SQLite's own) is none. */
function readFile(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function linesOf(store: string, bytes: Buffer): Row[] {
  const lines = bytes.toString("latin1").split("\n");
  return lines.map((line, i) => ({
    store,
    table: "log",
    row: String(i + 1),
    cells: new Map([["line", Buffer.from(line, "latin1")]]),
  }));
}

/** Which D1 database a file is: the one whose tables it has. */
function databaseNames(): ReadonlyMap<string, string> {
  const folder = join(ROOT, "d1-migrations");
  const tables = new Map<string, string>();
  for (const database of readdirSync(folder))
    for (const file of readdirSync(join(folder, database)).filter((name) => name.endsWith(".sql")))
      for (const [, table] of readFileSync(join(folder, database, file), "utf8").matchAll(/CREATE TABLE `(\w+)`/g))
        tables.set(table ?? "", database);
  return tables;
}

/** The rows of a database, from a copy: reading a live one in place would change its write-ahead log. */
function rowsOf(path: string, name: string, databases: ReadonlyMap<string, string>): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "cartwright-trace-"));
  try {
    const copy = join(folder, "copy.sqlite");
    for (const suffix of ["", "-wal"]) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const database = new DatabaseSync(copy);
    try {
      const tables = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .all()
        .map((each) => String(each["name"]));
      if (tables.includes("_mf_objects")) return objectsOf(database, path);
      const known = tables.map((table) => databases.get(table)).find((each) => each !== undefined);
      const store = name.includes("/d1/") ? (known ?? name) : objectName(name);
      return tables.flatMap((table) => tableRows(database, store, table));
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `ShoppingSession 0f3a…` for an object's file, the path for any other. */
function objectName(name: string): string {
  const [, className] = /\/do\/[^/]*-([A-Za-z]+)\/[0-9a-f]{64}\.sqlite$/.exec(name) ?? [];
  return className === undefined ? name : `${className} ${basename(name).slice(0, 8)}`;
}

function tableRows(database: DatabaseSync, store: string, table: string): Row[] {
  const statement = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`);
  statement.setReadBigInts(true);
  return statement.all().map((row) => {
    const cells = Object.entries(row).flatMap(([column, value]) =>
      value === null
        ? []
        : [[column, value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value))] as const],
    );
    return { store, table, row: cells[0]?.[1].toString("latin1").slice(0, 40) ?? "", cells: new Map(cells) };
  });
}

/** A bucket's objects: key and metadata from its database, the value from its file beside. */
function objectsOf(database: DatabaseSync, path: string): Row[] {
  const root = dirname(dirname(path));
  const buckets = readdirSync(root).filter((each) => existsSync(join(root, each, "blobs")));
  return database
    .prepare("SELECT key, blob_id, http_metadata, custom_metadata FROM _mf_objects")
    .all()
    .map((row) => {
      const blob = String(row["blob_id"]);
      const bucket = buckets.find((each) => existsSync(join(root, each, "blobs", blob)));
      const bytes = bucket === undefined ? undefined : readFile(join(root, bucket, "blobs", blob));
      const key = String(row["key"]);
      return {
        store: bucket ?? path,
        table: "objects",
        row: key,
        cells: new Map([
          ["key", Buffer.from(key)],
          ["value", unpacked(bytes ?? Buffer.alloc(0))],
          ["metadata", Buffer.from(`${String(row["http_metadata"])}${String(row["custom_metadata"])}`)],
        ]),
      };
    });
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch {
    return bytes;
  }
}
