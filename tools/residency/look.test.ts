import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { look } from "./look.ts";

const CONTROLS = { us: ["Demo Market Inc.", "residency-us-0a1b2c"], eu: ["Demo Markt GmbH", "residency-eu-0a1b2c"] };
const PERSON = "residency-0a1b2c-0@example.org";

let root: string;
const folders = () => ({ us: join(root, "us"), eu: join(root, "eu") });
const write = (cell: "us" | "eu", texts: readonly string[]) => writeFileSync(join(root, cell, "log"), texts.join("\n"));
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cartwright-look-"));
  for (const cell of ["us", "eu"] as const) {
    mkdirSync(join(root, cell));
    write(cell, CONTROLS[cell]);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("two cells in which each one's control texts lie and no person's hold", () => {
  expect(look(folders(), [PERSON], CONTROLS)).toMatchObject({ holds: true, control: 1, missing: [] });
});

test.each(["us", "eu"] as const)("a %s folder that is empty does not hold: nothing was looked at", (cell) => {
  rmSync(join(root, cell, "log"));
  const looked = look(folders(), [PERSON], CONTROLS);
  expect(looked).toMatchObject({ holds: false, control: 0, outside: [], inPlain: [] });
  expect(looked.missing).toEqual(CONTROLS[cell].map((text) => ({ cell, text })));
});

test.each(["us", "eu"] as const)("a %s folder of another run, with the store in it, does not hold", (cell) => {
  write(cell, CONTROLS[cell].slice(0, 1));
  expect(look(folders(), [PERSON], CONTROLS)).toMatchObject({ holds: false, control: 0 });
});

test("a cell without a control text does not hold", () => {
  expect(look(folders(), [PERSON], { ...CONTROLS, us: [] })).toMatchObject({ holds: false, control: 0 });
});

test.each(["us", "eu"] as const)("a person's text in %s does not hold, with the controls there", (cell) => {
  write(cell, [...CONTROLS[cell], PERSON]);
  const looked = look(folders(), [PERSON], CONTROLS);
  expect(looked.holds).toBe(false);
  expect(cell === "us" ? looked.outside : looked.inPlain).toHaveLength(1);
});
