import type { Cell } from "../../protocol/ids.ts";
import { startCell, type CellOptions, type RunningCell } from "./cell.ts";
import { cellKeys, type CellKeys } from "./keys.ts";
import type { Origin } from "./rooms.ts";
import { seed, type SeededStore, type SeedOptions } from "./seed.ts";
import { enlistDemoStaff } from "./seed-staff.ts";
import { cellState, keysFile } from "./state.ts";

/** A cell on this machine with a store that is open for trips. */
export interface LocalCell {
  readonly running: RunningCell;
  readonly keys: CellKeys;
  readonly store: SeededStore;
}

export interface LocalOptions {
  readonly root: string;
  readonly ports: Readonly<Record<Origin, number>>;
  readonly seed?: Omit<SeedOptions, "state">;
  /** What an earlier start on this state returned: the store is open already, so nothing is seeded. */
  readonly store?: SeededStore;
  readonly vars?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly besides?: CellOptions["besides"];
}

/** Boots a cell with its demo keys and opens its demo store. The same state again gives the same store. */
export async function startLocalCell(cell: Cell, options: LocalOptions): Promise<LocalCell> {
  const state = cellState(cell, options.root);
  const keys = await cellKeys(cell, keysFile(cell, options.root));
  const running = await startCell({
    cell,
    state,
    keys,
    ports: options.ports,
    ...(options.vars === undefined ? {} : { vars: options.vars }),
    ...(options.besides === undefined ? {} : { besides: options.besides }),
  });
  try {
    const store = options.store ?? (await seed(running, keys, { ...options.seed, state }));
    if (options.store === undefined) await enlistDemoStaff(running, keys);
    return { running, keys, store };
  } catch (error) {
    await running.stop();
    throw error;
  }
}
