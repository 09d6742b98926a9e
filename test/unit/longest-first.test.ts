import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../tools/platform/root.ts";
import { LONGEST } from "../longest-first.ts";

test("the files that run first are there", () => {
  expect(Object.keys(LONGEST).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
