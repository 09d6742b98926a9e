import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { WitnessStore } from "./witness.ts";

/** A file a log, named by its origin's hash; on the disk, not only written, before it counts. */
export function fileStore(folder: string): WitnessStore {
  const fileOf = (origin: string): string => join(folder, `${originHash(origin)}.checkpoint`);
  return {
    get: async (origin) => (existsSync(fileOf(origin)) ? readFileSync(fileOf(origin), "utf8") : null),
    put: async (origin, note) => {
      mkdirSync(folder, { recursive: true });
      const file = openSync(`${fileOf(origin)}.new`, "w", 0o600);
      writeSync(file, note);
      fsyncSync(file);
      closeSync(file);
      renameSync(`${fileOf(origin)}.new`, fileOf(origin));
      const directory = openSync(folder, "r");
      fsyncSync(directory);
      closeSync(directory);
    },
  };
}

/** Lower-case hex of SHA-256 (C2SP tlog-witness, Monitor Retrieval Mechanism). */
export function originHash(origin: string): string {
  return createHash("sha256").update(origin).digest("hex");
}
