import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/platform/root.ts";

/** What the generators among them write. */
const GENERATED = [
  "docs/openapi.json",
  "docs/retention.md",
  "docs/pci-scope.md",
  "protocol/vectors/*.json",
  "protocol/retention/fiscal-signature.ts",
  "d1-migrations/**/*",
  "workers/cde/form/{generated.ts,manifest.json}",
  "{workers,durable-objects,tools}/**/worker-configuration.d.ts",
  "cart-fw/docs/SIZE.md",
];
/** As many as start beside each other. */
const LANES = 4;

const folder = mkdtempSync(join(tmpdir(), "cartwright-command-line-"));
const state = join(folder, "state");
mkdirSync(state);
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
// `npm test` hands everything to vitest; lint and format are oxlint's and oxfmt's own command lines.
const own = Object.entries(scripts).flatMap(([name, script]) => {
  const [, tool] = /^node tools\/run\.mjs (\S+)$/.exec(script) ?? [];
  return tool === undefined || name === "test" ? [] : [{ name, tool }];
});
const commands = [...own, { name: "sign-fiscal", tool: "tools/sign-fiscal.ts" }];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}
const ended = new Map<string, Ended>();
let before: string[];

beforeAll(async () => {
  before = written();
  const waiting = commands.flatMap(({ tool }) => [`${tool} --help`, `${tool} --nonsense`]);
  const lane = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift())
      ended.set(each, await run(each.split(" ")));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("every command of package.json", () => {
  it("is in this table", () => {
    expect(commands.length).toBeGreaterThan(25);
    const others = Object.keys(scripts).filter((name) => own.every((each) => each.name !== name));
    expect(others.toSorted()).toEqual(["format", "format:check", "lint", "test"]);
  });

  it.each(commands)("$name says how it is called, and ends with 0", ({ name, tool }) => {
    const { code, out, error } = ended.get(`${tool} --help`) as Ended;
    expect([code, error]).toEqual([0, ""]);
    const called = { start: "npm start", "sign-fiscal": "node tools/run.mjs tools/sign-fiscal.ts" }[name];
    expect(out).toContain(called ?? `npm run ${name}`);
  });

  it.each(commands)("$name refuses an option that it does not know, and ends with 2", ({ tool }) => {
    const { code, out, error } = ended.get(`${tool} --nonsense`) as Ended;
    expect([code, out]).toEqual([2, ""]);
    expect(error).toBe(`Unknown option '--nonsense'\n\n${ended.get(`${tool} --help`)?.out ?? ""}`);
  });

  it.each([
    [[], "--name says what it does"],
    [["--name", "add a column", "fleet"], "--name says what it does"],
    [["--name", "add_column"], "a migration is one database's"],
    [["--name", "add_column", "fleets"], "DATABASE takes entities, persons"],
  ])("migrations with %j is refused: a file's name is for good", async (args, message) => {
    const { code, error } = await run(["tools/migrations.ts", ...args]);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });

  it("has written nothing by that", () => {
    expect(written()).toEqual(before);
    expect(before.length).toBeGreaterThan(40);
    expect(readdirSync(state)).toEqual([]);
  });
});

function run(command: readonly string[]): Promise<Ended> {
  // The commands share most of their modules: each is compiled once.
  const env = { ...process.env, CARTWRIGHT_STATE: state, NODE_COMPILE_CACHE: join(folder, "compiled") };
  return new Promise((resolve) =>
    execFile(process.execPath, command, { cwd: ROOT, env, timeout: 30_000 }, (failed, out, error) =>
      resolve({ code: failed === null ? 0 : Number(failed.code ?? -1), out, error }),
    ),
  );
}

/** Each file that a generator writes, with the time that it was written: the same bytes written again show too. */
function written(): string[] {
  return globSync(GENERATED, { cwd: ROOT })
    .map((path) => `${path} ${statSync(join(ROOT, path)).mtimeMs}`)
    .toSorted();
}
