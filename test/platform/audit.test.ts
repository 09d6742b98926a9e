import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runningSource } from "../../tools/audit/source.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import type { LogName } from "../../tools/platform/log-keys.ts";
import { keysFile } from "../../tools/platform/state.ts";
import { type CellUnderTest, startCellUnderTest } from "./fixture.ts";

const CELL = "eu";

let platform: CellUnderTest;
let folder: string;

beforeAll(async () => {
  platform = await startCellUnderTest(CELL);
  folder = mkdtempSync(join(tmpdir(), "cartwright-logs-"));
  const cart = await switchOn(platform.place, 0);
  const here = await around(platform.place, 0, false);
  await cart.attest(here.beacon);
  await cart.open();
  expect(await cart.identify("loyalty", here.loyalty)).toMatchObject({ ok: true });
  // The reader's back end tokenizes a card: the environment's log gets its first entry.
  expect(await here.reader.tap(TEST_CARDS.visa, here.store)).toMatchObject({ token: expect.any(String) });
  await published(platform);
});
afterAll(async () => {
  await platform.end();
  rmSync(folder, { recursive: true, force: true });
});

// One story, in order, with the commands as they are typed.
describe("a running cell's logs", () => {
  test("are witnessed by somebody who pulls, cosigns and brings the cosignature back", async () => {
    const { code, out } = await command("witness", "--once", "--ops-origin", ops(), "--pay-origin", pay());
    expect(code).toBe(0);
    expect(out).toMatch(/eu platform: cosigned [1-9][0-9]* entries/);
    expect(out).toMatch(/eu cde: cosigned [1-9][0-9]* entries/);
  });

  test("verify over their own doors, and from a copy", async () => {
    expect(await command("audit", "verify", "--origin", ops())).toMatchObject({
      code: 0,
      out: expect.stringMatching(/is whole.*; the first [1-9][0-9]* cosigned by witness\.eu\.cartwright\.example/),
    });
    expect(await command("audit", "verify", "--log", "cde", "--origin", pay())).toMatchObject({
      code: 0,
      out: expect.stringContaining("cosigned by witness.eu.cartwright.example"),
    });
    expect((await command("audit", "download", folder, "--origin", ops())).code).toBe(0);
    const copy = await command("audit", "verify", "--from", join(folder, "eu-platform"), "--log", "platform");
    expect(copy.out).toMatch(/is whole.*cosigned by witness\.eu\.cartwright\.example/);
  });

  test("give the proof of a join that holds alone, cosigned", async () => {
    const listed = await command("audit", "list", "--origin", ops());
    const index = /^eu platform (\d+) .* tier_join /m.exec(listed.out)?.[1] ?? "none";
    const proof = await command("audit", "prove", index, "--origin", ops());
    expect(proof.code).toBe(0);
    const file = join(folder, "join.tlog-proof");
    writeFileSync(file, proof.out);
    const checked = await command("audit", "proof", file);
    expect(checked).toMatchObject({
      code: 0,
      out: expect.stringContaining("cosigned by witness.eu.cartwright.example"),
    });
    expect(checked.out).toContain('"kind":"tier_join"');
    writeFileSync(file, proof.out.replace(`index ${index}`, `index ${Number(index) + 1}`));
    expect(await command("audit", "proof", file)).toMatchObject({ code: 1 });
  });

  test("that were rolled back with their bucket are caught by the witness, and by who verified before", async () => {
    await platform.stop();
    const root = mkdtempSync(join(tmpdir(), "cartwright-rolled-back-"));
    // Under the same keys, and of none of the entries: object and bucket are those of before the first one.
    mkdirSync(dirname(keysFile(CELL, root)), { recursive: true });
    copyFileSync(keysFile(CELL, platform.root), keysFile(CELL, root));
    const fresh = await startCellUnderTest(CELL, { root });
    try {
      const { origins } = fresh.place;
      await published(fresh, ["platform"]);
      const witnessed = await command("witness", "--once", "--ops-origin", origins.ops, "--pay-origin", origins.pay);
      expect(witnessed.code).toBe(1);
      expect(witnessed.error).toMatch(/eu platform: NOT COSIGNED: /);
      expect(await command("audit", "verify", "--origin", origins.ops)).toMatchObject({
        code: 1,
        error: expect.stringContaining("the log is not the one that was verified before"),
      });
    } finally {
      await fresh.end();
    }
  });
});

/** Entries are durable at once and published a moment later. */
async function published({ keys, place }: CellUnderTest, logs: readonly LogName[] = ["platform", "cde"]) {
  for (const log of logs) {
    const source = runningSource(CELL, log, keys, place.origins[log === "platform" ? "ops" : "pay"]);
    await vi.waitFor(async () => expect(await source.read("checkpoint")).not.toBeNull(), 60_000);
  }
}

const ops = () => platform.place.origins.ops;
const pay = () => platform.place.origins.pay;

async function command(tool: "audit" | "witness", ...args: string[]) {
  const place = tool === "audit" && args[0] === "proof" ? [] : ["--cell", CELL];
  const all = [join("tools", `${tool}.ts`), ...args, ...place, "--state", platform.root];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, all, { cwd: ROOT });
    return { code: 0, out: stdout, error: stderr };
  } catch (failed) {
    const { code, stdout, stderr } = failed as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? -1, out: stdout ?? "", error: stderr ?? "" };
  }
}
