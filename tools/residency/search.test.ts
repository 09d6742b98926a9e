import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probes, textsOf } from "./people.ts";
import { searchTexts } from "./search.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "cartwright-residency-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every text of a person is found in a log, in a database's column and in base64", () => {
  const texts = textsOf(probes("0a1b2c", 1));
  writeFileSync(join(folder, "worker.log"), texts.join("; "));
  const database = new DatabaseSync(join(folder, "x.sqlite"));
  database.exec("CREATE TABLE t (value BLOB)");
  for (const text of texts) database.prepare("INSERT INTO t VALUES (?)").run(Buffer.from(text, "utf16le"));
  database.close();
  writeFileSync(join(folder, "blob"), Buffer.from(`xx${texts.join("/")}`).toString("base64"));
  const { finds } = searchTexts(folder, texts);
  for (const where of ["worker.log", "x.sqlite: t.value", "blob"])
    expect(finds.filter((find) => find.where === where).map(({ text }) => text)).toEqual(
      texts.map((_, index) => index),
    );
});

test("another person's texts are not found, and no find repeats a text", () => {
  expect(searchTexts(folder, textsOf(probes("0a1b2d", 1))).finds).toEqual([]);
  const { finds } = searchTexts(folder, textsOf(probes("0a1b2c", 1)));
  expect(JSON.stringify(finds)).not.toContain("0a1b2c");
});

test("no two runs make a person twice", () => {
  const texts = [...textsOf(probes("000001", 10)), ...textsOf(probes("000002", 10))];
  expect(new Set(texts).size).toBe(texts.length);
});
