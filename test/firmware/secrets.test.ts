import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();
const FOLDER = join(FIRMWARE, "test/compile-fail");
const FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", join(FIRMWARE, "core")];

/** What the compiler's refusal must speak of: the first line of the file says it. */
function reasonOf(file: string): RegExp {
  const named = /^\/\/ names: (.+)$/m.exec(readFileSync(join(FOLDER, file), "utf8"))?.[1];
  if (named === undefined) throw new Error(`${file} does not say what the compiler names`);
  return new RegExp(named);
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".c"));

describe.skipIf(missing !== null)(
  `a secret can't leave by another way${missing === null ? "" : `: ${missing}`}`,
  () => {
    test.each(files.flatMap((file) => ["gcc", "clang-19"].map((compiler) => ({ file, compiler }))))(
      "$compiler refuses the one bad line of $file, and takes the file without it",
      async ({ file, compiler }) => {
        const path = join(FOLDER, file);
        const good = await run(compiler, [...FLAGS, path]);
        expect(good.output).toBe("");
        expect(good.status).toBe(0);
        const bad = await run(compiler, [...FLAGS, "-DBAD", path]);
        expect(bad.status).not.toBe(0);
        expect(bad.output).toMatch(reasonOf(file));
      },
    );

    test("each way out that there is has a file", () => {
      expect(files.toSorted()).toEqual([
        "copy_secret.c",
        "frame_bytes.c",

        "pass_frame_as_view.c",
        "pass_secret.c",
        "secret_bytes.c",
        "view_of_secret.c",
        "view_of_void.c",
      ]);
    });
  },
);
