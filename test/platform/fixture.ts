import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cell, StoreId } from "../../protocol/ids.ts";
import type { RunningCell } from "../../tools/platform/cell.ts";
import { startLocalCell, type LocalCell, type LocalOptions } from "../../tools/platform/local.ts";
import { freePorts } from "../../tools/platform/ports.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { readBaskets, readCatalogue, sampleBaskets, type Basket, type Product } from "../../tools/trip/baskets.ts";
import type { Place } from "../../tools/trip/party.ts";

/** A whole cell of a test's own: real Workers on workerd, state in a folder that goes with the test. */
export interface CellUnderTest extends LocalCell {
  readonly cell: Cell;
  readonly root: string;
  readonly place: Place;
  /** The same cell again after a stop or a crash: same state, same ports. */
  restart(): Promise<CellUnderTest>;
  /** Every row of a room's database, table by table. */
  rows(room: string, binding: string): Promise<readonly Row[]>;
  /** Stops it and keeps the state, to be searched. */
  stop(): Promise<void>;
  /** Stops it and removes the state. */
  end(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>> & { readonly table: string };

export async function startCellUnderTest(cell: Cell, options: Partial<LocalOptions> = {}): Promise<CellUnderTest> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), `cartwright-${cell}-`));
  const ports = options.ports ?? (await freePorts());
  const local = await startLocalCell(cell, { ...options, root, ports });
  const stop = () => local.running.stop();
  return {
    ...local,
    cell,
    root,
    place: { store: local.store, keys: local.keys, origins: local.running.origins },
    restart: async () => {
      await stop().catch(() => undefined);
      return startCellUnderTest(cell, { ...options, root, ports, store: local.store });
    },
    rows: (room, binding) => rowsOf(local.running, `cartwright-${room}-${cell}`, binding),
    stop,
    end: async () => {
      await stop().catch(() => undefined);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function rowsOf({ hosts }: RunningCell, worker: string, binding: string): Promise<readonly Row[]> {
  const database = await hosts.platform.getD1Database(binding, worker);
  const tables = await database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    )
    .all<{ name: string }>();
  const rows = tables.results.map(async ({ name }) => {
    const { results } = await database.prepare(`SELECT * FROM "${name}"`).all();
    return results.map((row): Row => ({ ...row, table: name }));
  });
  return (await Promise.all(rows)).flat();
}

/** The products of the cell's sample store, by code. */
export function sampleCatalogue(cell: Cell): ReadonlyMap<string, Product> {
  return readCatalogue(readFileSync(join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8"));
}

/** Real baskets where the shared sample data lies beside the checkout; those of the sample store elsewhere. */
export function testData(cell: Cell): {
  readonly real: boolean;
  readonly catalogueCsv: string;
  readonly store: StoreId;
  readonly catalogue: ReadonlyMap<string, Product>;
  baskets(count: number): readonly Basket[];
} {
  const folder = join(ROOT, "..", "shared", "data");
  const real = existsSync(join(folder, `catalogue-${cell}.csv`));
  const catalogueCsv = real ? join(folder, `catalogue-${cell}.csv`) : join(ROOT, `tools/samples/catalogue-${cell}.csv`);
  const catalogue = readCatalogue(readFileSync(catalogueCsv, "utf8"));
  const pieces = new Map([...catalogue].filter(([code]) => /^\d{8,14}$/.test(code)));
  return {
    real,
    catalogueCsv,
    store: `${cell}-${real ? "file" : "demo"}` as StoreId,
    catalogue,
    baskets: (count) =>
      real ? readBaskets(join(folder, `trips-${cell}.csv`)).slice(0, count) : sampleBaskets(pieces, count),
  };
}

/** Every file below a folder, as bytes; one that went away meanwhile (SQLite's own) is left out. */
export function filesBelow(folder: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .flatMap((path) => {
      try {
        return [{ path, bytes: readFileSync(path) }];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    });
}
