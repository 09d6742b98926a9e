// Holds code and documents to the documents that they name: each `*.md` is in the repository, from the root, from a folder
// above the file, or from cart-fw, whose documents its tests and tools name.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import type { Source } from "../checks/imports.ts";
import { sources } from "../checks/sources.ts";
import { ROOT } from "../platform/root.ts";

const PATTERNS = [
  "{protocol,workers,durable-objects,tools,test}/**/*.{ts,tsx,mjs,sh,cddl,toml}",
  "cart-fw/**/*.{c,h,S,ld,ts,md,cmake,txt}",
  "docs/**/*.md",
  "*.{md,ts,toml}",
];
/** Holds samples of names that are refused. */
const SAMPLES = "tools/checks-docs/named.test.ts";
const NAMED = /[\w./-]*\w\.md\b/g;

/** @returns what names a document that is not there, a sentence each; nothing: it holds */
export function checkNamedDocuments(): string[] {
  const files = sources(PATTERNS).filter(({ path }) => path !== SAMPLES);
  return namedProblems(files, (path) => existsSync(join(ROOT, path)));
}

/** The rule, over files and what is there by its path from the root. */
export function namedProblems(files: readonly Source[], isThere: (path: string) => boolean): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, at) =>
      Array.from(line.matchAll(NAMED), ([name]) => name)
        .filter((name) => !foldersOf(path).some((folder) => isThere(join(folder, name))))
        .map((name) => `${path}:${at + 1} names ${name}, which is not in the repository`),
    ),
  );
}

/** The file's own folder, each above it, and cart-fw. */
function foldersOf(path: string): string[] {
  const folders = ["cart-fw"];
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.push(folder);
  return [...folders, "."];
}
