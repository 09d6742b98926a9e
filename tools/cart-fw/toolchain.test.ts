import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../platform/root.ts";
import { missingPackages, SCRIPT } from "./toolchain.ts";

describe("the firmware's toolchain", () => {
  it("is looked for program by program, and what is missing is named by its package", () => {
    expect(missingPackages(() => true)).toEqual([]);
    expect(missingPackages((shows) => shows !== "ninja")).toEqual(["ninja-build"]);
  });

  it("is installed by the script whole", () => {
    const installed = new Set(readFileSync(join(ROOT, SCRIPT), "utf8").split(/[\s"\\;]+/));
    expect(missingPackages(() => false).filter((name) => !installed.has(name))).toEqual([]);
  });
});
