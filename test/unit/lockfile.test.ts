import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockfileProblems } from "../../tools/checks/lockfile.ts";
import { ROOT } from "../../tools/platform/root.ts";

const problems = (packages: object) => lockfileProblems(JSON.stringify({ packages }));
const hashed = { version: "1.0.0", integrity: "sha512-x" };
const foreign = { version: "1.0.0", optional: true, os: ["sunos"], cpu: ["x64"] };

describe("the lock file", () => {
  it("holds no addresses, and the packages of every platform", () => {
    expect(lockfileProblems(readFileSync(join(ROOT, "package-lock.json"), "utf8"))).toEqual([]);
  });

  it("fails the check with an address", () => {
    expect(
      problems({
        "": { name: "x" },
        "node_modules/a": hashed,
        "node_modules/b": { ...hashed, resolved: "https://registry.example/b.tgz" },
      }),
    ).toEqual(["package-lock.json: node_modules/b has a resolved address"]);
  });

  it("fails the check without a platform's optional package", () => {
    const native = { ...hashed, optionalDependencies: { "@a/sunos-x64": "1.0.0" } };
    expect(problems({ "node_modules/a": native, "node_modules/@a/sunos-x64": foreign })).toEqual([]);
    expect(problems({ "node_modules/a": native })).toEqual([
      "package-lock.json: node_modules/a may need @a/sunos-x64, which is not listed",
    ]);
  });

  it("fails the check with an optional package of another version than is asked for", () => {
    const native = { ...hashed, optionalDependencies: { "a-sunos": "1.0.1", "a-other": "^1.0.1" } };
    expect(
      problems({ "node_modules/a": native, "node_modules/a-sunos": foreign, "node_modules/a-other": foreign }),
    ).toEqual(["package-lock.json: node_modules/a may need a-sunos 1.0.1; 1.0.0 is listed"]);
  });

  it("finds a package where Node does: nearest first, then above", () => {
    const native = { ...hashed, optionalDependencies: { "a-sunos": "1.0.0" } };
    const nested = "node_modules/c/node_modules/a";
    expect(problems({ [nested]: native, "node_modules/a-sunos": foreign })).toEqual([]);
    expect(
      problems({
        [nested]: native,
        "node_modules/c/node_modules/a-sunos": foreign,
        "node_modules/a-sunos": { ...foreign, version: "2.0.0" },
      }),
    ).toEqual([]);
    expect(problems({ [nested]: native, "node_modules/d/node_modules/a-sunos": foreign })).toHaveLength(1);
  });

  it("fails the check with a package that has neither a hash nor its platforms", () => {
    expect(problems({ "node_modules/a": { version: "1.0.0" } })).toEqual([
      "package-lock.json: node_modules/a has neither a hash nor the platforms that it is for",
    ]);
  });
});
