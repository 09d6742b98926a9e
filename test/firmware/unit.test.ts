import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { build, FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { gateProblems, measureCoverage, readGates, type FileCoverage } from "../../tools/cart-fw/coverage.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();
const programs = readdirSync(join(FIRMWARE, "test/unit")).flatMap((name) => /^(test_\w+)\.c$/.exec(name)?.[1] ?? []);
/** What units are tested for: everything but the bootloader's own first and last word. */
const sources = ["core", "boot"].flatMap((folder) =>
  readdirSync(join(FIRMWARE, folder)).flatMap((name) =>
    /^(?!boot_main).*\.c$/.test(name) ? [`${folder}/${name}`] : [],
  ),
);

describe.skipIf(missing !== null)(`the firmware's units${missing === null ? "" : `: ${missing}`}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await build("host");
  });

  test.each(programs)("%s: every check holds under ASan and UBSan", async (program) => {
    const { status, output } = await run(join(folder, program), []);
    expect(output).toMatch(/[1-9]\d* checks, 0 failures/);
    expect(status, output).toBe(0);
  });
});

describe.skipIf(missing !== null)("what the units' tests reach", () => {
  let measured: FileCoverage[];
  beforeAll(async () => {
    measured = await measureCoverage();
  });

  test("is what test/coverage-gates.json asks of each file: lines, branches and conditions", () => {
    expect(gateProblems(readGates(), measured, sources)).toEqual([]);
  });
});

describe("the gates", () => {
  const file = (path: string, lines: number, branches: number, mcdc: number) => ({ path, lines, branches, mcdc });
  const gates = {
    default: { lines: 100, branches: 90, mcdc: 80 },
    files: { "core/a.c": { branches: 50 } },
    elsewhere: { "core/c.c": "a trip runs it" },
  };

  test("pass what is at them", () => {
    const measured = [file("core/a.c", 100, 50, 80), file("core/b.c", 100, 90, 80)];
    expect(gateProblems(gates, measured, ["core/a.c", "core/b.c", "core/c.c"])).toEqual([]);
  });

  test("name what is below them, gates for files that are gone, and files that nothing runs", () => {
    expect(gateProblems(gates, [file("core/b.c", 99.9, 89, 79)], ["core/b.c", "core/d.c"])).toEqual([
      "core/a.c: a gate for a file that is not measured",
      "core/d.c: no unit test runs it",
      "core/b.c: lines 99.9 %, gate 100 %",
      "core/b.c: branches 89.0 %, gate 90 %",
      "core/b.c: mcdc 79.0 %, gate 80 %",
    ]);
  });
});
