import { expect, it } from "vitest";
import { checkNamedDocuments, namedProblems } from "./named.ts";

const there = new Set(["docs/a.md", "cart-fw/docs/SIZE.md", "cart-fw/core/README.md", "README.md"]);
const problemsOf = (path: string, text: string) => namedProblems([{ path, text }], (each) => there.has(each));

it("every document that the repository names is in it", () => {
  expect(checkNamedDocuments()).toEqual([]);
});

it.each([
  ["from the root", "workers/edge/a.ts", "// docs/a.md, Cells"],
  ["from a folder above", "docs/decisions/b.md", "see [a](a.md)"],
  ["of cart-fw", "tools/firmware/a.ts", "/** docs/SIZE.md. */"],
  ["beside the file", "cart-fw/core/a.c", "/* see README.md */"],
])("a document is found %s", (_, path, text) => {
  expect(problemsOf(path, text)).toEqual([]);
});

it.each([
  ["is not there", "protocol/a.ts", "/** Refused (protocol.md, Codes). */", "protocol.md"],
  ["is named without its folder", "workers/a/b.ts", "// (a.md)", "a.md"],
  ["lies in another folder", "protocol/a.ts", "// docs/SIZES.md", "docs/SIZES.md"],
])("a document that %s is a problem", (_, path, text, name) => {
  expect(problemsOf(path, `\n${text}`)).toEqual([`${path}:2 names ${name}, which is not in the repository`]);
});
