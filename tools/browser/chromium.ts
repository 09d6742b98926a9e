import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { ROOT } from "../platform/root.ts";

/** Where distributions put it. */
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const NO_BROWSER = "no Chromium: run tools/browser/install.sh as root, or name one in CHROMIUM";

/** One that is named in CHROMIUM is the only one that counts. */
const NAMED = process.env["CHROMIUM"] || undefined;

function installed(): string | undefined {
  return (NAMED === undefined ? PATHS : [NAMED]).find((path) => existsSync(path));
}

/**
 * A real Chromium, installed first where the machine lets us.
 * @returns null where there is none: the tests say so and skip. @throws Error in CI, where a skip is a failure.
 */
export async function startBrowser(): Promise<Browser | null> {
  if (installed() === undefined && NAMED === undefined && existsSync("/usr/bin/apt-get") && process.getuid?.() === 0)
    spawnSync("sh", [join(ROOT, "tools/browser/install.sh")], { stdio: ["ignore", "ignore", "inherit"] });
  const executablePath = installed();
  if (executablePath === undefined) {
    if (process.env["CI"]) throw new Error(NO_BROWSER);
    return null;
  }
  // The pages are our own and served from this machine; a container gives Chromium no sandbox of its own.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}
