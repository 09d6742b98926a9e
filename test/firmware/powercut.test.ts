import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { build, FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();
const programs = readdirSync(join(FIRMWARE, "test/powercut")).flatMap(
  (name) => /^([a-z]\w*)\.c$/.exec(name)?.[1] ?? [],
);

describe.skipIf(missing !== null)(`power that fails at any byte${missing === null ? "" : `: ${missing}`}`, () => {
  test.each(programs)(
    "costs nothing that was promised: %s",
    async (program) => {
      const folder = await build("fast", [program]);
      const { status, output } = await run(join(folder, program), []);
      expect(status, output.slice(-4_000)).toBe(0);
    },
    600_000,
  );
});
