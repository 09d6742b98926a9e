import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../platform/root.ts";

/** See cart-fw/CMakePresets.json. */
export type Preset = "host" | "fast" | "coverage" | "fuzz" | "rv32";

export const FIRMWARE = join(ROOT, "cart-fw");

export function buildFolder(preset: Preset): string {
  return join(FIRMWARE, ".build", preset);
}

/**
 * Configures and builds a preset; what is built already costs a fraction of a second. Builds of one preset wait for
 * each other, so any test may ask.
 * @param targets all of them unless told
 * @throws Error with the tools' output when it does not build
 */
export async function build(preset: Preset, targets: readonly string[] = []): Promise<string> {
  const folder = buildFolder(preset);
  mkdirSync(join(FIRMWARE, ".build"), { recursive: true });
  const lock = join(FIRMWARE, ".build", `${preset}.lock`);
  const configured = existsSync(join(folder, "build.ninja"));
  const configure = configured ? "true" : `cmake --preset ${preset} > /dev/null`;
  const script = `${configure} && cmake --build --preset ${preset} ${targets.length > 0 ? `--target ${targets.join(" ")}` : ""}`;
  const { status, output } = await run("flock", [lock, "sh", "-c", script], FIRMWARE);
  if (status !== 0) throw new Error(`the firmware's ${preset} build failed:\n${output.slice(-6_000)}`);
  return folder;
}

export interface Ran {
  readonly status: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** Runs a program to its end. @throws Error when it cannot be started */
export function run(
  program: string,
  args: readonly string[],
  cwd: string = FIRMWARE,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
