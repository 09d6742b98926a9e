// Holds docs/requirements.md to what is there: every pointer leads somewhere, every id is one row, every state is of
// the closed list, and nothing is called done without a test.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../platform/root.ts";
import { type Row, parseRows } from "./rows.ts";
import { parseState } from "./states.ts";

const DOCUMENT = "docs/requirements.md";

/** The repository as the rules see it; paths are relative to its root. */
export interface Files {
  exists(path: string): boolean;
  read(path: string): Promise<string>;
}

const DISK: Files = {
  exists: (path) => existsSync(join(ROOT, path)),
  read: (path) => readFile(join(ROOT, path), "utf8"),
};

/** @returns what is wrong in docs/requirements.md, a sentence each; nothing: it holds */
export async function checkRequirements(): Promise<string[]> {
  if (!DISK.exists(DOCUMENT)) return [`${DOCUMENT} is missing`];
  const problems = await requirementProblems(await DISK.read(DOCUMENT), DISK);
  return problems.map((problem) => `${DOCUMENT}: ${problem}`);
}

/** The rules, over a document and the files that it points at. */
export async function requirementProblems(markdown: string, files: Files): Promise<string[]> {
  const { rows, problems } = parseRows(markdown);
  if (rows.length === 0) problems.push("no requirement");
  const ids = new Set<string>();
  for (const row of rows) {
    if (!/^[A-Z]+(?:-[A-Z]+)*-\d{2,3}$/.test(row.id)) problems.push(`line ${row.line}: ${row.id} is no id`);
    if (ids.has(row.id)) problems.push(`line ${row.line}: ${row.id} is there twice`);
    ids.add(row.id);
  }
  for (const row of rows) {
    const faults = [...stateFaults(row, ids), ...(await pointerFaults(row, files))];
    problems.push(...faults.map((fault) => `line ${row.line}: ${row.id} ${fault}`));
  }
  return problems;
}

function stateFaults({ state, requirement, code, tests }: Row, ids: ReadonlySet<string>): string[] {
  const parsed = parseState(state);
  if (parsed === undefined) return [`has a state that is not in the list: ${state}`];
  const faults: string[] = [];
  if (requirement === "") faults.push("says nothing");
  if (parsed.kind === "superseded" && !ids.has(`RULING-${String(parsed.ruling).padStart(2, "0")}`))
    faults.push(`names ruling ${parsed.ruling}, which is not in the document`);
  if (parsed.kind === "done" && (code.length === 0 || tests.length === 0))
    faults.push("is done without code or without a test");
  if (parsed.kind === "part" && code.length === 0) faults.push("is done in part without code");
  return faults;
}

/** Of vitest, or a program of the firmware's tests, whose titles are the sentences of `IT("…")`. */
const TEST_FILE = /\.test\.tsx?$|^cart-fw\/test\/(?:unit|model|powercut|differential)\/[a-z]\w*\.c$/;

async function pointerFaults({ code, tests }: Row, files: Files): Promise<string[]> {
  const faults = code.filter((path) => !isThere(path, files)).map((path) => `points at no code: ${path}`);
  for (const { path, title } of tests) {
    if (!isThere(path, files)) faults.push(`points at no test: ${path}`);
    else if (!TEST_FILE.test(path)) faults.push(`points at a file that is no test: ${path}`);
    else if (title !== undefined && !(await files.read(path)).includes(title))
      faults.push(`points at a test that ${path} does not have: ${title}`);
  }
  return faults;
}

function isThere(path: string, files: Files): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..") && files.exists(path);
}

if (import.meta.main) {
  const problems = await checkRequirements();
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${DOCUMENT} holds`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
