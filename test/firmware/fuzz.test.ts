import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, FIRMWARE, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();
/** Seconds for each parser; more at will: CARTWRIGHT_FUZZ_SECONDS=600. */
const SECONDS = process.env["CARTWRIGHT_FUZZ_SECONDS"] ?? (process.env["CI"] ? "5" : "1");
const FOLDER = join(FIRMWARE, "test/fuzz");
const targets = readdirSync(FOLDER).flatMap((name) => /^fuzz_([a-z0-9]+)\.c$/.exec(name)?.[1] ?? []);
let programs: string;
let work: string;

describe.skipIf(missing !== null)(`parsers under any bytes${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(async () => {
    programs = await build("fuzz");
    work = mkdtempSync(join(tmpdir(), "cart-fuzz-"));
  }, 600_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test.each(targets)(
    "%s keeps its promises under ASan and UBSan, on its corpus and on what comes of it",
    async (target) => {
      const corpus = join(FOLDER, "corpus", target);
      expect(existsSync(corpus) && readdirSync(corpus).length > 0, `${corpus} has seeds`).toBe(true);
      const found = join(work, target);
      mkdirSync(found);
      cpSync(corpus, found, { recursive: true });
      const { status, output } = await run(join(programs, `fuzz_${target}`), [
        `-max_total_time=${SECONDS}`,
        "-max_len=1024",
        "-rss_limit_mb=512",
        "-print_final_stats=1",
        `-artifact_prefix=${work}/`,
        found,
      ]);
      expect(status, output.slice(-4_000)).toBe(0);
      const executed = Number(/stat::number_of_executed_units: (\d+)/.exec(output)?.[1]);
      expect(executed).toBeGreaterThan(readdirSync(corpus).length);
    },
    900_000,
  );
});
