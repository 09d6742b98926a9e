import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();

/** Where docs/MISRA.md admits each rule: everywhere, or in some files. */
function admitted(): ReadonlyMap<string, "everywhere" | ReadonlySet<string>> {
  const places = new Map<string, "everywhere" | Set<string>>();
  for (const line of readFileSync(join(FIRMWARE, "docs/MISRA.md"), "utf8").split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    const rules = cells[1]?.match(/^\d+\.\d+(?:, \d+\.\d+)*$/)?.[0].split(", ") ?? [];
    const where = cells.find((cell) => cell === "everywhere" || /^(?:core|boot)\//.test(cell));
    for (const rule of rules) {
      if (where === undefined) throw new Error(`docs/MISRA.md does not say where ${rule} is admitted`);
      const known = places.get(rule);
      if (where === "everywhere") places.set(rule, where);
      else if (known !== "everywhere") places.set(rule, new Set([...(known ?? []), ...where.split(", ")]));
    }
  }
  return places;
}

function sources(folder: string): string[] {
  return readdirSync(join(FIRMWARE, folder))
    .filter((name) => name.endsWith(".c"))
    .map((name) => `${folder}/${name}`);
}

/** Where cppcheck finds what: "file:line rule". */
async function findings(): Promise<{ readonly file: string; readonly line: string; readonly id: string }[]> {
  const { status, output } = await run("cppcheck", [
    "--quiet",
    "-j2",
    "--addon=misra",
    "--enable=warning,portability,performance",
    "--suppress=objectIndex",
    "--suppress=internalAstError",
    "--std=c11",
    "--platform=unix32",
    "--template={file}:{line} [{id}]",
    ...["core", "hal", "boot"].flatMap((folder) => ["-I", folder]),
    ...sources("core"),
    ...sources("boot"),
  ]);
  expect(status, output).toBe(0);
  return Array.from(
    output.matchAll(/^(.+):(\d+) \[(?:misra-c2012-)?([\w.-]+)\]$/gm),
    ([, file = "", line = "", id = ""]) => ({
      file,
      line,
      id,
    }),
  );
}

describe.skipIf(missing !== null)(`static analysis${missing === null ? "" : `: ${missing}`}`, () => {
  test("finds nothing but the deviations from MISRA C that docs/MISRA.md explains, where it admits them", async () => {
    const places = admitted();
    expect(places.get("15.5")).toBe("everywhere");
    const found = await findings();
    expect(found.some(({ id }) => id === "15.5")).toBe(true);
    const surprises = found.filter(({ file, id }) => {
      const where = places.get(id);
      return where !== "everywhere" && where?.has(file) !== true;
    });
    expect(surprises.map(({ file, line, id }) => `${file}:${line} ${id}`)).toEqual([]);
  }, 600_000);
});
