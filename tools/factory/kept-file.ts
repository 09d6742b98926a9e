import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a file of simulated private keys holds, or null when there is none yet. */
export function readKept(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** Written whole or not at all, readable by its owner alone. */
export function writeKept(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}
