import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { ROOT } from "../platform/root.ts";
import type { Source } from "./imports.ts";

/** Files of the project by pattern from its root, without what is generated or installed. */
export function sources(patterns: readonly string[]): Source[] {
  return globSync([...patterns], { cwd: ROOT, exclude: ["**/node_modules/**", "**/.*/**"] })
    .map((path) => path.split(sep).join("/"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

/** Without test/unit, which holds samples of what the checks forbid. */
export const TYPESCRIPT: readonly string[] = [
  "{protocol,workers,durable-objects,tools}/**/*.{ts,tsx}",
  "test/platform/**/*.ts",
];
export const SCHEMAS: readonly string[] = ["d1-migrations/**/*.sql", "{workers,durable-objects}/**/*.ts"];
