// Runs the tests: `npm test`, or `npm test -- <paths or vitest's options>`. Ends with vitest's own summary. Arguments are
// vitest's to read and to refuse: `npm test -- --help` is its help.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SKIPS_FILE } from "./checks/skip-reporter.ts";
import { ROOT } from "./platform/root.ts";

const args = process.argv.slice(2);
// A filter by name leaves the other tests out on purpose.
const filtered = args.some((arg) => /^(?:-t|--testNamePattern)(?:=|$)/.test(arg));
const folder = mkdtempSync(join(tmpdir(), "cartwright-test-"));
const skips = join(folder, "skips");
const reporters = filtered ? [] : ["--reporter", join(ROOT, "tools/checks/skip-reporter.ts"), "--reporter", "default"];

try {
  const vitest = spawn("vitest", ["run", ...reporters, ...args], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, [SKIPS_FILE]: skips },
  });
  // Ctrl-C reaches it through the terminal, too; a second one would be taken for impatience.
  process.on("SIGINT", () => process.stdin.isTTY || vitest.kill("SIGINT"));
  process.on("SIGTERM", () => vitest.kill("SIGTERM"));
  const [status] = (await once(vitest, "exit")) as [number | null];
  const skipped = existsSync(skips);
  process.exitCode = status !== 0 ? (status ?? 1) : skipped && process.env["CI"] ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
