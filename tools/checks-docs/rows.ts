/** The one header that a table of requirements has. */
export const HEADER = ["id", "requirement", "code", "test", "state"] as const;

/** A test file and, where a row points at one test of it, that test's title. */
export interface TestPointer {
  readonly path: string;
  readonly title: string | undefined;
}

export interface Row {
  /** Line of the document, 1 first. */
  readonly line: number;
  readonly id: string;
  readonly requirement: string;
  readonly code: readonly string[];
  readonly tests: readonly TestPointer[];
  readonly state: string;
}

/** Rows of all tables, and one problem for each line that is no row of such a table. */
export function parseRows(markdown: string): { readonly rows: Row[]; readonly problems: string[] } {
  const rows: Row[] = [];
  const problems: string[] = [];
  let inTable = false;
  markdown.split("\n").forEach((text, index) => {
    const line = index + 1;
    const cells = cellsOf(text);
    if (cells === undefined) inTable = false;
    else if (!inTable) {
      inTable = true;
      if (cells.join() !== HEADER.join()) problems.push(`line ${line}: a table with another header`);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      const row = rowOf(line, cells);
      if (typeof row === "string") problems.push(`line ${line}: ${row}`);
      else rows.push(row);
    }
  });
  return { rows, problems };
}

function rowOf(line: number, cells: readonly string[]): Row | string {
  const [id, requirement, codeCell, testCell, state, ...rest] = cells;
  if (id === undefined || requirement === undefined || codeCell === undefined) return "too few cells";
  if (testCell === undefined || state === undefined || rest.length > 0) return `${id}: not ${HEADER.length} cells`;
  const code = pointers(codeCell);
  const tests = pointers(testCell);
  if (code === undefined || code.some(({ title }) => title !== undefined))
    return `${id}: the code cell is no list of paths`;
  if (tests === undefined) return `${id}: the test cell is no list of paths with titles`;
  return { line, id, requirement, code: code.map(({ path }) => path), tests, state };
}

/** `path` or `path` "title", separated by commas; a dash is none. */
function pointers(cell: string): TestPointer[] | undefined {
  if (cell === "-") return [];
  const found: TestPointer[] = [];
  const rest = cell.replaceAll(/`([^`]+)`(?: "([^"]+)")?/g, (_, path: string, title: string | undefined) => {
    found.push({ path, title });
    return "";
  });
  return found.length > 0 && /^[\s,]*$/.test(rest) ? found : undefined;
}

function cellsOf(line: string): string[] | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith("|")) return undefined;
  return trimmed
    .replace(/^\|/, "")
    .replace(/\|$/, "")
    .split("|")
    .map((cell) => cell.trim());
}
