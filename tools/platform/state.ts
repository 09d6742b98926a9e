import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { ROOT } from "./root.ts";

export const CELLS: readonly Cell[] = ["us", "eu"];

/** Where a local platform keeps its data: one folder a cell, nothing shared between them. */
export function stateRoot(): string {
  return process.env["CARTWRIGHT_STATE"] ?? join(ROOT, ".state");
}

export function cellState(cell: Cell, root: string = stateRoot()): string {
  return join(root, cell);
}

export function keysFile(cell: Cell, root: string = stateRoot()): string {
  return join(cellState(cell, root), "keys.json");
}
