import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { ROOT } from "../../tools/platform/root.ts";

const missing = ensureToolchain();

describe.skipIf(missing !== null)(`npm run cart${missing === null ? "" : `: ${missing}`}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "c-"));
  });
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs it in a folder of its own for temporary files, on a platform that it starts for itself. */
  function start(...args: string[]) {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(ROOT, "tools/cart.ts"), ...args],
      {
        cwd: ROOT,
        env: { ...process.env, CARTWRIGHT_STATE: join(folder, "none"), TMPDIR: folder },
      },
    );
    started.push(child);
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => (output.text += bytes.toString("utf8")));
    return { child, output, ended: once(child, "close").then(([status]) => status as number | null) };
  }

  function script(...lines: string[]): string {
    const file = join(folder, "script.txt");
    writeFileSync(file, lines.join("\n"));
    return file;
  }

  /** Folders that it made, and processes that were started with a path in one. */
  function left(): string[] {
    const folders = readdirSync(folder).filter((name) => name.startsWith("cart"));
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLine(name).includes(folder));
    return [...folders, ...processes.map(commandLine)];
  }

  test("ends with 1 when a script goes wrong, and leaves neither an emulator nor a folder", async () => {
    const { output, ended } = start("--cell", "eu", "--script", script("wait Scan an item to begin", "fly"));
    expect(await ended, output.text).toBe(1);
    expect(output.text).toContain("> fly\nwhat is fly? help tells what can be done\n");
    expect(left()).toEqual([]);
  });

  test("leaves nothing either when a signal ends it in the middle of a script", async () => {
    const waits = "wait what no panel shows";
    const { child, output, ended } = start("--cell", "eu", "--script", script("wait Scan an item to begin", waits));
    await expect.poll(() => output.text, { timeout: 120_000 }).toContain(`> ${waits}`);
    expect(left().filter((what) => what.startsWith("qemu"))).toHaveLength(1);
    child.kill("SIGINT");
    expect(await ended, output.text).toBe(130);
    await expect.poll(left).toEqual([]);
  });

  test("says what can be scanned, and writes no prompt for a pipe, and that something was removed only when it was", async () => {
    const { child, output, ended } = start("--cell", "eu");
    const scans = ["wait Scan an item to begin", "ok", "wait Your basket", "9521276000019", "wait Vollmilch"];
    const takesOut = ["remove 9", "wait There is no such line", "remove 1", "wait Removed"];
    child.stdin.end([...scans, ...takesOut, "quit", ""].join("\n"));
    expect(await ended, output.text).toBe(0);
    expect(output.text).toContain("9521276000019   Vollmilch");
    expect(output.text).toContain("tools/samples/catalogue-eu.csv");
    expect(output.text).toMatch(/^Your basket$/m);
    expect(output.text).not.toMatch(/^> /m);
    expect(output.text).not.toMatch(/waited \d+ ms/);
    expect(output.text.indexOf("| Removed")).toBeGreaterThan(output.text.indexOf("There is no such line"));
  });
});

/** What a process was started as; nothing of one that is gone. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
