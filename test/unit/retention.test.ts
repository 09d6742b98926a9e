import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { isTimed, RETENTION } from "../../protocol/retention/policy.ts";
import { ARCHITECTURE } from "../../tools/checks/architecture.ts";
import { committedStores } from "../../tools/checks-docs/storage.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { retentionDocument } from "../../tools/retention/document.ts";

describe("the retention policy", () => {
  const places = RETENTION.map(({ tables = [], buckets = [], objects = [] }) => [
    ...tables,
    ...buckets.map((name) => name.split("/")[0] ?? ""),
    ...objects,
  ]);
  const named = new Set(places.flat());

  test("has a line for every table, bucket and object of a cell", () => {
    const { databases, others } = committedStores();
    const tables = Object.entries(databases).flatMap(([store, each]) =>
      Object.keys(each).map((name) => `${store}.${name}`),
    );
    const all = [...tables, ...others];
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((each) => !named.has(each))).toEqual([]);
  });

  test("names no store that does not exist", () => {
    const { databases, others } = committedStores();
    const tables = Object.entries(databases).flatMap(([store, each]) =>
      Object.keys(each).map((name) => `${store}.${name}`),
    );
    expect([...named].filter((each) => ![...tables, ...others].includes(each))).toEqual([]);
    const rooms = new Set(Object.keys(ARCHITECTURE));
    expect(RETENTION.filter(isTimed).filter(({ by }) => by !== "own schedule" && !rooms.has(by))).toEqual([]);
  });

  test("says of every class where it lies", () => {
    expect(RETENTION.filter((_rule, at) => places[at]?.length === 0)).toEqual([]);
  });

  test("gives no class twice", () => {
    const classes = RETENTION.map((rule) => rule.class);
    expect(new Set(classes).size).toBe(classes.length);
  });

  test("is what the CDE does, which is another account's and has terms of its own", () => {
    const source = readFileSync(join(ROOT, "workers/cde/vault/purge.ts"), "utf8");
    const kept = /const KEPT = \{ authorizations: (\d+), vault_evidence: (\d+) \}/.exec(source);
    const months = (name: string) => timedRule(name).term;
    expect([{ months: Number(kept?.[1]) }, { months: Number(kept?.[2]) }]).toEqual([
      months("authorizations"),
      months("vault_evidence"),
    ]);
  });

  test("is what docs/retention.md says", () => {
    expect(readFileSync(join(ROOT, "docs/retention.md"), "utf8")).toBe(retentionDocument());
  });
});

describe("a term", () => {
  test.each([
    [{ months: 1 }, "2026-03-31T10:00:00Z", "2026-02-28T10:00:00.000Z"],
    [{ months: 1 }, "2028-03-31T10:00:00Z", "2028-02-29T10:00:00.000Z"],
    [{ months: 18 }, "2026-11-22T00:00:00Z", "2025-05-22T00:00:00.000Z"],
    [{ months: 60 }, "2028-02-29T23:59:59Z", "2023-02-28T23:59:59.000Z"],
    [{ days: 7 }, "2026-03-01T00:00:00Z", "2026-02-22T00:00:00.000Z"],
    [{ days: 0 }, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000Z"],
  ])("of %j is over at %s for what was there before %s", (term, now, before) => {
    expect(new Date(cutoffOf(term, Date.parse(now))).toISOString()).toBe(before);
  });

  test("is refused for a class that has none", () => {
    expect(() => timedRule("accounts")).toThrow(RangeError);
    expect(() => timedRule("nothing")).toThrow(RangeError);
  });
});
