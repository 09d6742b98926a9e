import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildFolder, FIRMWARE } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { sizeProblems } from "../../tools/firmware/size-document.ts";
import { measure, type Figures } from "../../tools/firmware/size.ts";

const missing = ensureToolchain();

/** The whole of the C library that firmware may call: port/qemu/include/string.h. */
const LIBRARY = ["memcpy", "memmove", "memset", "memcmp", "memchr", "strlen"];
/** GCC's own: shifts, products and quotients of 64 bits, and the bits of a word. */
const COMPILER = /^__(?:ash|lsh)[lr](?:di3)$|^__(?:u?(?:div|mod)|mul)di3$|^__c[lt]zsi2$/;

describe.skipIf(missing !== null)(`the firmware's size${missing === null ? "" : `: ${missing}`}`, () => {
  let figures: Figures;
  beforeAll(async () => {
    figures = await measure();
  });

  test("is what docs/SIZE.md says, within 2 %, in the RAM that it is allowed", () => {
    expect(sizeProblems(readFileSync(join(FIRMWARE, "docs/SIZE.md"), "utf8"), figures)).toEqual([]);
  });

  test("is measured: a document of other numbers is found out", () => {
    const document = readFileSync(join(FIRMWARE, "docs/SIZE.md"), "utf8");
    const grown = document.replace(/(\| core\/ota \| )[0-9,]+/, "$19,999");
    expect(sizeProblems(grown, figures)).toEqual([
      expect.stringContaining("cart: core/ota: 9999 bytes in the document"),
    ]);
  });

  test("leaves every stack room beyond its deepest chain and its mark", () => {
    for (const { stack, deepest } of figures.programs) expect(deepest.bytes).toBeLessThan(stack);
    expect(figures.bootStackMark).toBeGreaterThan(500);
    expect(figures.bootStackMark).toBeLessThanOrEqual(figures.programs[1]?.stack ?? 0);
  });

  test("holds no function of a C library but the listed ones", () => {
    const undefinedIn = (file: string) =>
      execFileSync("riscv64-unknown-elf-nm", ["-u", file], { encoding: "utf8" })
        .split("\n")
        .flatMap((line) => /^\s+U (\S+)$/.exec(line)?.[1] ?? []);
    const definedIn = (file: string) =>
      execFileSync("riscv64-unknown-elf-nm", ["--defined-only", "-g", file], { encoding: "utf8" })
        .split("\n")
        .flatMap((line) => /^\S+ \w (\S+)$/.exec(line)?.[1] ?? []);
    const libraries = ["libcore.a", "libboot.a"].map((name) => join(buildFolder("rv32"), name));
    const own = new Set(libraries.flatMap(definedIn));
    const foreign = new Set(libraries.flatMap(undefinedIn).filter((name) => !own.has(name)));
    const allowed = [...foreign].filter((name) => LIBRARY.includes(name) || COMPILER.test(name));
    expect([...foreign].filter((name) => !allowed.includes(name))).toEqual([]);
    expect(allowed).toContain("memcpy");
  });
});
