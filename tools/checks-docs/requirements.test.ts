import { describe, expect, it } from "vitest";
import { type Files, checkRequirements, requirementProblems } from "./requirements.ts";
import { parseState } from "./states.ts";

const THERE: Readonly<Record<string, string>> = {
  "workers/a.ts": "",
  "workers/a.test.ts": 'it("refuses a copy", () => {})',
  "cart-fw/core/a.c": "",
  "cart-fw/test/unit/test_a.c": 'IT("keeps its place") {}',
};
const files: Files = {
  exists: (path) => path in THERE,
  read: (path) => Promise.resolve(THERE[path] ?? ""),
};
const HEAD = "| id | requirement | code | test | state |\n| --- | --- | --- | --- | --- |\n";
const RULING = "| RULING-02 | What stands. | `workers/a.ts` | `workers/a.test.ts` | done |\n";
const GOOD = '| PRD-ID-01 | A thing. | `workers/a.ts` | `workers/a.test.ts` "refuses a copy" | done |\n';
const problemsOf = (...rows: string[]) => requirementProblems(HEAD + rows.join(""), files);

describe("the table of requirements", () => {
  it("holds as committed", async () => {
    expect(await checkRequirements()).toEqual([]);
  });

  it("holds when each pointer leads somewhere and each state is of the list", async () => {
    expect(
      await problemsOf(
        GOOD,
        RULING,
        "| PRD-ID-02 | Half a thing. | `workers/a.ts`, `workers/a.test.ts` | - | part: the other half |\n",
        '| FW-01 | A thing of the cart. | `cart-fw/core/a.c` | `cart-fw/test/unit/test_a.c` "keeps its place" | done |\n',
        "| PRD-ID-03 | A later thing. | - | - | later (staff pages) |\n",
        "| PRD-ID-04 | A contract. | - | - | not software: lawyers write it |\n",
        "| PRD-ID-05 | Something else. | - | - | superseded (ruling 2): the law says more |\n",
      ),
    ).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["code that is not there", GOOD.replace("workers/a.ts", "workers/b.ts"), "points at no code: workers/b.ts"],
    ["a test that is not there", GOOD.replace("a.test.ts", "b.test.ts"), "points at no test: workers/b.test.ts"],
    ["a title that the test does not have", GOOD.replace("a copy", "a fake"), "does not have: refuses a fake"],
    [
      "code of the firmware in the place of a test",
      GOOD.replace('`workers/a.test.ts` "refuses a copy"', "`cart-fw/core/a.c`"),
      "no test: cart-fw/core/a.c",
    ],
    ["code in the place of a test", GOOD.replace("a.test.ts", "a.ts"), "no test: workers/a.ts"],
    ["a path out of the repository", GOOD.replace("workers/a.ts", "workers/../workers/a.ts"), "points at no code"],
    ["an absolute path", GOOD.replace("workers/a.ts", "/workers/a.ts"), "points at no code"],
    ["prose in the place of code", GOOD.replace("`workers/a.ts`", "the edge"), "no list of paths"],
    ["a title in the place of code", GOOD.replace("`workers/a.ts`", '`workers/a.ts` "x"'), "no list of paths"],
    ["a test cell with prose", GOOD.replace('"refuses a copy"', "and others"), "no list of paths with titles"],
    ["done without a test", GOOD.replace('`workers/a.test.ts` "refuses a copy"', "-"), "without a test"],
    ["done without code", GOOD.replace("`workers/a.ts`", "-"), "without code"],
    ["part without code", "| PRD-ID-02 | Half. | - | - | part: a half |\n", "in part without code"],
    ["no words", GOOD.replace("A thing.", ""), "says nothing"],
    ["an id of no form", GOOD.replace("PRD-ID-01", "first"), "first is no id"],
    ["a state of its own", GOOD.replace("| done |", "| nearly |"), "not in the list: nearly"],
    ["a ruling that is no row", "| PRD-ID-02 | X. | - | - | superseded (ruling 3): y |\n", "names ruling 3"],
    ["a cell too many", GOOD.replace("| done |", "| done | really |"), "not 5 cells"],
    ["a cell too few", "| PRD-ID-02 | X. |\n", "too few cells"],
  ])("is refused for %s", async (_, row, problem) => {
    const problems = await problemsOf(RULING, row);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("is refused for an id that is there twice, in tables apart, too", async () => {
    expect(await requirementProblems(`${HEAD}${GOOD}\n## Next\n\n${HEAD}${GOOD}`, files)).toEqual([
      "line 9: PRD-ID-01 is there twice",
    ]);
  });

  it("is refused with another header, which would hide its rows from a reader", async () => {
    expect(await requirementProblems(HEAD.replace("state", "status") + GOOD, files)).toEqual([
      "line 1: a table with another header",
    ]);
  });

  it("is refused when it is empty", async () => {
    expect(await requirementProblems("# Requirements\n", files)).toEqual(["no requirement"]);
  });
});

describe("a state", () => {
  it.each(["", "Done", "done: yes", "part", "part:", "part: ", "later", "later (next year)", "not software"])(
    "is not %j",
    (text) => {
      expect(parseState(text)).toBeUndefined();
    },
  );

  it.each(["superseded: why", "superseded (ruling 2)", "superseded (ruling x): why", "part (ruling 2): why"])(
    "is not %j: the ruling belongs to a superseded row, with its why",
    (text) => {
      expect(parseState(text)).toBeUndefined();
    },
  );
});
