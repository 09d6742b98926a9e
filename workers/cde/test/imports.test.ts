import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const CDE = dirname(dirname(fileURLToPath(import.meta.url)));
const PROJECT = dirname(dirname(CDE));
const PUBLISHED = /^protocol\/(pay\/[a-z-]+|money\/[a-z-]+|tlog\/[a-z-]+|result|bytes)\.ts$/;
/** Packages, and the module of the runtime itself. */
const PACKAGES = /^(hono|jose|drizzle-orm|stripe|cloudflare:workers)(\/|$)/;

/** Every module that the CDE's entry leads to, by path from the project's root, and every package. */
function reachable(entry: string): { modules: Set<string>; packages: Set<string> } {
  const modules = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = relative(PROJECT, path);
    if (modules.has(name)) continue;
    modules.add(name);
    const source = readFileSync(path, "utf8");
    for (const match of source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)) {
      const wanted = match[1] ?? "";
      if (wanted.startsWith(".")) waiting.push(join(dirname(path), wanted));
      else packages.add(wanted);
    }
  }
  return { modules, packages };
}

it("the CDE imports nothing of the project but its own folder and the published contract", () => {
  const { modules, packages } = reachable(join(CDE, "index.ts"));
  const own = [...modules].filter((name) => name.startsWith("workers/cde/"));
  const foreign = [...modules].filter((name) => !name.startsWith("workers/cde/"));
  expect(own.length).toBeGreaterThan(20);
  expect(foreign.length).toBeGreaterThan(2);
  expect(foreign.filter((name) => !PUBLISHED.test(name))).toEqual([]);
  expect([...packages].filter((name) => !PACKAGES.test(name))).toEqual([]);
});

it("no module of the CDE lies unused", () => {
  const { modules } = reachable(join(CDE, "index.ts"));
  const all = globSync("**/*.ts", { cwd: CDE })
    .filter((name) => !/(\.test|\.d)\.ts$/.test(name) && !name.startsWith("test"))
    // The page's own script is bundled into form/generated.ts; npm run check holds that to its sources.
    .filter((name) => !name.startsWith("form/browser/"))
    .map((name) => `workers/cde/${name}`);
  expect(all.filter((name) => !modules.has(name))).toEqual([]);
});
