import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { cellKeys } from "../platform/keys.ts";
import { startLocalCell } from "../platform/local.ts";
import { freePorts } from "../platform/ports.ts";
import { PORTS, type Origin } from "../platform/rooms.ts";
import { seed, type SeedOptions } from "../platform/seed.ts";
import { cellState, keysFile, stateRoot } from "../platform/state.ts";
import { spinner } from "../progress.ts";
import type { Place } from "./party.ts";

export interface OpenedPlace {
  readonly place: Place;
  /** The folder that holds the cell's state folder. */
  readonly root: string;
  /** Whether it ran before and will run after: what a run leaves there stays there. */
  readonly goesOn: boolean;
  /** Ends what was started for this run; a platform that ran before goes on. */
  readonly stop: () => Promise<void>;
}

/** The running platform's place, or one that is started for this run, in a folder that goes with it. */
export async function openPlace(
  cell: Cell,
  options: Omit<SeedOptions, "state" | "onProgress"> = {},
): Promise<OpenedPlace> {
  const origins = Object.fromEntries(
    Object.entries(PORTS[cell]).map(([name, port]) => [name, `http://127.0.0.1:${port}`]),
  ) as Record<Origin, string>;
  const running = spinner(`${cell}: looking for a running platform`);
  const seeding: SeedOptions = { ...options, onProgress: (step) => running.step(`${cell}: ${step}`) };
  if (existsSync(keysFile(cell)) && (await answers(origins.api))) {
    const keys = await cellKeys(cell, keysFile(cell));
    const store = await seed({ cell, origins }, keys, { ...seeding, state: cellState(cell) });
    running.done(`${cell}: using the platform that is running, store ${store.store}`);
    return { place: { store, keys, origins }, root: stateRoot(), goesOn: true, stop: async () => undefined };
  }
  const root = mkdtempSync(join(tmpdir(), "cartwright-trip-"));
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  running.step(`${cell}: none is running, starting one`);
  const local = await startLocalCell(cell, { root, ports: await freePorts(), seed: seeding });
  running.done(`${cell}: started a platform for this run, store ${local.store.store}`);
  const stop = async () => {
    await local.running.stop();
    remove();
    process.off("exit", remove);
  };
  return { place: { store: local.store, keys: local.keys, origins: local.running.origins }, root, goesOn: false, stop };
}

async function answers(origin: string): Promise<boolean> {
  return fetch(origin, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.status < 500,
    () => false,
  );
}
