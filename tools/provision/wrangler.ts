import { spawn } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters as plain } from "node:util";
import { ROOT } from "../platform/root.ts";

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs wrangler with these arguments; `input` goes to its standard input. */
export type Wrangler = (args: readonly string[], input?: string) => Promise<Ran>;

/** Milliseconds: a call of wrangler is a few calls of the API. */
const TIME_OUT = 120_000;

/**
 * The project's own wrangler with an account's token in its environment, in a folder without a configuration, so that
 * none is picked up. A call that hangs is ended and fails.
 * @param environment CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID above all
 */
export function wranglerIn(folder: string, environment: Readonly<Record<string, string>>): Wrangler {
  const program = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: folder,
        timeout: TIME_OUT,
        env: {
          ...process.env,
          CI: "true",
          NO_COLOR: "1",
          WRANGLER_LOG: "log",
          WRANGLER_SEND_METRICS: "false",
          ...environment,
        },
      });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject);
      // Its errors are coloured even when it is told not to.
      child.on("close", (status) => resolve({ status: status ?? 1, stdout: plain(stdout), stderr: plain(stderr) }));
      // wrangler may end without reading it.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    });
}
