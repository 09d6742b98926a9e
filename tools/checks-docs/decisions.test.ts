import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../platform/root.ts";

const folder = join(ROOT, "docs/decisions");
const files = readdirSync(folder).filter((name) => name !== "README.md");
const index = readFileSync(join(folder, "README.md"), "utf8");

it("the index of decisions has each of them once, and says which numbers were not used", () => {
  expect([...index.matchAll(/^\| \[\d{4}\]\(([^)]+)\)/gm)].map(([, name]) => name)).toEqual(files.toSorted());
  const numbers = files.map((name) => Number(name.slice(0, 4)));
  const unused = Array.from({ length: Math.max(...numbers) }, (_, at) => at + 1).filter((n) => !numbers.includes(n));
  const said = /^(.*) were never used:/m.exec(index)?.[1]?.match(/\d{4}/g) ?? [];
  expect(said.map(Number)).toEqual(unused);
});

it("a decision's heading has the number of its file", () => {
  for (const name of files)
    expect(readFileSync(join(folder, name), "utf8"), name).toMatch(new RegExp(`^# ${name.slice(0, 4)}: `));
});
