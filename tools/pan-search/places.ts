import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  readdirSync,
  rmSync,
  statSync,
  readFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";

/** Bytes that are searched as one, and what a person calls them. */
export interface Place {
  /** File from the folder's root, and table and column where it is a database's: `eu/pay/….sqlite: cards.pan`. */
  readonly where: string;
  readonly bytes: Buffer;
}

const SQLITE = "SQLite format 3\0";
/** Files are read in pieces that overlap by more than the longest form. */
const PIECE = 16 * 1024 * 1024;
const OVERLAP = 1024;
/** Between two values of a column: no form has it in it. */
const BETWEEN = Buffer.from("\u0001\n\u0001");

/**
 * Every file below a folder as bytes, databases, write-ahead logs, blobs and logs alike, and every database once more
 * value by value: a long value is scattered over pages, and an integer has another form in a record.
 */
export function* placesIn(folder: string): Generator<Place> {
  for (const path of filesBelow(folder)) {
    const where = relative(folder, path).split(sep).join("/");
    try {
      yield* placesOf(where, path);
    } catch (error) {
      // A running platform removes files: an object's that ended, a database's shared memory.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

function* placesOf(where: string, path: string): Generator<Place> {
  for (const bytes of piecesOf(path)) {
    yield { where, bytes };
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) yield* unpacked(where, path);
  }
  if (startsAs(path, SQLITE)) yield* valuesOf(where, path);
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted();
}

function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    for (let from = 0; ; from += PIECE) {
      const piece = Buffer.alloc(PIECE + OVERLAP);
      const length = readSync(file, piece, 0, piece.length, from);
      if (length > 0) yield piece.subarray(0, length);
      if (length < piece.length) return;
    }
  } finally {
    closeSync(file);
  }
}

function* unpacked(where: string, path: string): Generator<Place> {
  try {
    yield { where: `${where}: unpacked`, bytes: gunzipSync(readFileSync(path)) };
  } catch {
    // It only began like one.
  }
}

function startsAs(path: string, magic: string): boolean {
  const [first] = piecesOf(path);
  return first?.subarray(0, magic.length).toString("latin1") === magic;
}

/** The columns of a database, from a copy: reading a live one in place would change its write-ahead log. */
function* valuesOf(where: string, path: string): Generator<Place> {
  const folder = mkdtempSync(join(tmpdir(), "cartwright-pan-search-"));
  const copy = join(folder, "copy.sqlite");
  try {
    for (const suffix of ["", "-wal"]) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const database = new DatabaseSync(copy);
    try {
      for (const { name } of database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all())
        yield* columnsOf(database, String(name), where);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* columnsOf(database: DatabaseSync, table: string, where: string): Generator<Place> {
  const statement = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`);
  statement.setReadBigInts(true);
  const columns = new Map<string, Buffer[]>();
  for (const row of statement.iterate())
    for (const [column, value] of Object.entries(row)) {
      const values = columns.get(column) ?? [];
      if (value !== null)
        values.push(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)), BETWEEN);
      columns.set(column, values);
    }
  for (const [column, values] of columns)
    yield { where: `${where}: ${table}.${column}`, bytes: Buffer.concat([BETWEEN, ...values]) };
}
