import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { build, FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();
/** All of them in CI; at a developer's desk a tenth, which still meets each corner a thousand times. */
const CASES = process.env["CI"] ? "100000" : "10000";
const PROGRAMS = ["differential_sha256", "differential_p256"] as const;
let folder: string;

describe.skipIf(missing !== null)(`our cryptography and others'${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(async () => {
    folder = await build("fast", PROGRAMS);
  }, 300_000);

  test.each(PROGRAMS)(
    "%s: OpenSSL, BearSSL and the cart agree on every case",
    async (program) => {
      const { status, output } = await run(join(folder, program), [], FIRMWARE, { CARTWRIGHT_CASES: CASES });
      expect(output).toMatch(new RegExp(`: ${CASES} cases,.* 0 disagreements`));
      expect(status).toBe(0);
    },
    300_000,
  );
});
