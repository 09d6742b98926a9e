import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockfileProblems } from "../../tools/checks/lockfile.ts";
import { ROOT } from "../../tools/platform/root.ts";

describe("the lock file", () => {
  it("holds no addresses", () => {
    expect(lockfileProblems(readFileSync(join(ROOT, "package-lock.json"), "utf8"))).toEqual([]);
  });

  it("fails the check when it does", () => {
    const packages = {
      "": { name: "x" },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-x" },
      "node_modules/b": { version: "1.0.0", resolved: "https://registry.example/b.tgz" },
    };
    expect(lockfileProblems(JSON.stringify({ packages }))).toEqual([
      "package-lock.json: node_modules/b has a resolved address",
    ]);
  });
});
