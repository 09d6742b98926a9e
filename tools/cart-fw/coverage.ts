import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, FIRMWARE, run } from "./build.ts";

/** Per cent of a file that its tests must reach. */
export interface Gate {
  readonly lines: number;
  readonly branches: number;
  /** Modified condition/decision coverage: each condition alone decides an outcome once. */
  readonly mcdc?: number;
}

/** cart-fw/test/coverage-gates.json: what holds for every file, and what holds for some besides. */
export interface Gates {
  readonly default: Gate;
  readonly files: Readonly<Record<string, Partial<Gate>>>;
  /** Files that unit tests do not run, and what does. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

export interface FileCoverage {
  /** From cart-fw, e.g. `core/journal.c`. */
  readonly path: string;
  readonly lines: number;
  readonly branches: number;
  readonly mcdc: number;
}

export function readGates(): Gates {
  return JSON.parse(readFileSync(join(FIRMWARE, "test/coverage-gates.json"), "utf8")) as Gates;
}

/** Files below their gate, files that nothing measures, and gates for files that are not there. */
export function gateProblems(
  gates: Gates,
  measured: readonly FileCoverage[],
  sources: readonly string[] = [],
): string[] {
  const paths = new Set(measured.map(({ path }) => path));
  const unknown = Object.keys(gates.files).filter((path) => !paths.has(path));
  const untested = sources.filter((path) => !paths.has(path) && gates.elsewhere?.[path] === undefined);
  return [
    ...unknown.map((path) => `${path}: a gate for a file that is not measured`),
    ...untested.map((path) => `${path}: no unit test runs it`),
    ...measured.flatMap((file) => {
      const gate = { ...gates.default, ...gates.files[file.path] };
      return (["lines", "branches", "mcdc"] as const).flatMap((what) => {
        const wanted = gate[what] ?? 0;
        return file[what] + 1e-9 < wanted ? [`${file.path}: ${what} ${file[what].toFixed(1)} %, gate ${wanted} %`] : [];
      });
    }),
  ];
}

/** Folders whose files are measured. */
const MEASURED = /^(?:core|boot)\/[^/]+\.c$/;

interface Summary {
  readonly data: readonly {
    readonly files: readonly {
      readonly filename: string;
      readonly summary: Readonly<
        Record<"lines" | "branches" | "mcdc", { readonly percent: number; readonly count: number }>
      >;
    }[];
  }[];
}

/**
 * Builds the unit tests with clang's source coverage, runs them and reads what they reached.
 * @throws Error when a test fails
 */
export async function measureCoverage(): Promise<FileCoverage[]> {
  const folder = await build("coverage");
  const programs = readdirSync(folder).filter((name) => /^test_[a-z0-9_]+$/.test(name));
  if (programs.length === 0) throw new Error("no unit tests were built");
  const profiles = mkdtempSync(join(tmpdir(), "cartwright-coverage-"));
  try {
    mkdirSync(join(profiles, "raw"));
    for (const name of programs) {
      const ran = await run(join(folder, name), [], FIRMWARE, {
        LLVM_PROFILE_FILE: join(profiles, "raw", `${name}.profraw`),
      });
      if (ran.status !== 0) throw new Error(`${name} failed:\n${ran.output}`);
    }
    const data = join(profiles, "all.profdata");
    await must("llvm-profdata-19", ["merge", "-o", data, join(profiles, "raw")]);
    const [first = "", ...others] = programs.map((name) => join(folder, name));
    const objects = others.flatMap((path) => ["-object", path]);
    const text = await must("llvm-cov-19", ["export", "--summary-only", `-instr-profile=${data}`, first, ...objects]);
    const { data: exports } = JSON.parse(text) as Summary;
    return (exports[0]?.files ?? []).flatMap(({ filename, summary }) => {
      const path = filename.slice(FIRMWARE.length + 1);
      if (!MEASURED.test(path)) return [];
      // What has no branch or no decision has reached all of them.
      const percent = (what: "lines" | "branches" | "mcdc") =>
        summary[what].count === 0 ? 100 : summary[what].percent;
      return [{ path, lines: percent("lines"), branches: percent("branches"), mcdc: percent("mcdc") }];
    });
  } finally {
    rmSync(profiles, { recursive: true, force: true });
  }
}

async function must(program: string, args: readonly string[]): Promise<string> {
  const { status, output } = await run(program, args);
  if (status !== 0) throw new Error(`${program} failed:\n${output}`);
  return output;
}
