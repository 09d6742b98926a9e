import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIRMWARE } from "../../tools/cart-fw/build.ts";
import { ROOT } from "../../tools/platform/root.ts";

const text = readFileSync(join(FIRMWARE, "docs/THREATS.md"), "utf8");

/** Paths in code quotes, from cart-fw or from the root; `{a,b,…}` stands for `a`, `b` and others. */
const named = Array.from(text.matchAll(/`([^`\s]+\/[^`\s]*)`/g), ([, path = ""]) =>
  path.replace(",…", "").replaceAll("{", "+(").replaceAll("}", ")").replaceAll(",", "|"),
);

function isThere(path: string): boolean {
  return [FIRMWARE, ROOT].some((from) => existsSync(join(from, path)) || globSync(path, { cwd: from }).length > 0);
}

describe("the firmware's threat document", () => {
  test("names a place in the code for each defence, and none that is not there", () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  test("answers for every row of its defences where it holds", () => {
    const table = text.slice(text.indexOf("## Defences"), text.indexOf("## The same by STRIDE"));
    const rows = table.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:threat|-)/.test(line));
    expect(rows.length).toBeGreaterThan(14);
    for (const row of rows) {
      const [threat = "", holds = "", where = ""] = row
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1);
      expect(threat.length, row).toBeGreaterThan(0);
      expect(holds.length, row).toBeGreaterThan(0);
      expect(where, row).toMatch(/`|platform/);
    }
  });

  test("has something to say of each letter of STRIDE", () => {
    const letters = Array.from(text.matchAll(/^\| ([A-Z])[a-z ]+ \|/gm), ([, letter]) => letter);
    expect(letters.join("")).toBe("STRIDE");
  });

  test("says that an outside review is due, and what is not defended", () => {
    expect(text).toContain("An external review of both files, and of `boot/`, is due before a cart ships.");
    expect(text).toContain("## What is not defended");
  });
});
