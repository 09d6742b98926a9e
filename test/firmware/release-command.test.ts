import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { startCellUnderTest, type CellUnderTest } from "../platform/fixture.ts";

const missing = ensureToolchain();

describe.skipIf(missing !== null)(`npm run firmware${missing === null ? "" : `: ${missing}`}`, () => {
  let platform: CellUnderTest;
  let folder: string;
  beforeAll(async () => {
    platform = await startCellUnderTest("eu", { seed: { carts: 1 } });
    folder = mkdtempSync(join(tmpdir(), "release-"));
  });
  afterAll(async () => {
    await platform?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const tool = (name: string, ...args: string[]) =>
    run(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, "tools", name), ...args], ROOT, {
      CARTWRIGHT_STATE: platform.root,
    });
  const firmware = (...args: string[]) => tool("firmware.ts", ...args);
  const atCell = () => ["--cell", "eu", "--origin", platform.place.origins.ops];

  test("takes a release from the build over two signers to a rollout, with the log's proof beside it", async () => {
    const built = await firmware("build", "--version", "3.0.0", "--counter", "3", "--folder", folder);
    const [, digest = ""] = /SHA-256 ([0-9a-f]{64})/.exec(built.output) ?? [];
    expect(built.status, built.output).toBe(0);
    const early = await firmware("publish", "--folder", folder, ...atCell());
    expect([early.status, early.output]).toEqual([1, expect.stringContaining("signer A has not signed yet")]);
    for (const role of ["A", "B"]) {
      const signed = await firmware("sign", "--folder", folder, "--as", role, "--cell", "eu");
      expect(signed.output).toContain(`Signer ${role} has signed 3.0.0, security counter 3.`);
    }
    const published = await firmware("publish", "--folder", folder, ...atCell());
    expect(published.output).toContain(`Published 3.0.0: ${digest}`);
    expect(existsSync(join(folder, "release.tlog-proof"))).toBe(true);
    const proof = await tool("audit.ts", "proof", join(folder, "release.tlog-proof"), "--cell", "eu");
    expect(proof.output).toContain("firmware_release");
    expect((await firmware("list", ...atCell())).output).toContain(`3.0.0  counter 3`);
  });

  test("starts no rollout of an image that the attestation policy does not accept, and says why", async () => {
    const listed = await firmware("list", ...atCell());
    const [digest = ""] = /[0-9a-f]{64}/.exec(listed.output) ?? [];
    const refused = await firmware("rollout", "start", "--digest", digest, ...atCell());
    expect([refused.status, refused.output]).toEqual([1, expect.stringContaining("409 policy")]);
  });

  test("says what is missing, and knows no other commands", async () => {
    expect((await firmware("build", "--version", "1.0.0")).output).toContain("--counter is a number");
    expect((await firmware("sign", "--folder", folder, "--as", "C", "--cell", "eu")).output).toContain("--as is A");
    expect((await firmware("undo")).output).toContain("one of: build, sign, publish, rollout, list, size");
  });
});
